# encoding: utf-8
# Options that each plugin has on both Logstash 8.19 and 9.x, as far as our pipelines use the plugin. An option
# that only one line has (`cacert`, `ssl`, `ssl_verification_mode` on older ones) stops a pipeline there.
COMMON = %w[id].freeze
FILTER = (COMMON + %w[add_field add_tag remove_field remove_tag]).freeze
CLIENT = %w[
  connect_timeout socket_timeout request_timeout automatic_retries retry_non_idempotent validate_after_inactivity
  pool_max pool_max_per_route keepalive cookies follow_redirects proxy user password
  ssl_enabled ssl_certificate_authorities ssl_certificate ssl_key ssl_keystore_path ssl_keystore_password
  ssl_keystore_type ssl_truststore_path ssl_truststore_password ssl_truststore_type ssl_verification_mode
  ssl_supported_protocols ssl_cipher_suites
].freeze

KNOWN_OPTIONS = {
  'input' => {
    's3' => COMMON + %w[bucket prefix region exclude_pattern codec interval sincedb_path additional_settings],
    'beats' => COMMON + %w[port host ssl_enabled ssl_certificate ssl_key ssl_certificate_authorities],
    'elastic_agent' => COMMON + %w[port host ssl_enabled ssl_certificate ssl_key ssl_certificate_authorities],
    'file' => COMMON + %w[path mode exit_after_read file_completed_action file_completed_log_path sincedb_path codec]
  },
  'filter' => {
    'http' => FILTER + CLIENT + %w[url verb headers query body body_format target_body target_headers
                                   tag_on_request_failure tag_on_json_failure],
    'mutate' => FILTER + %w[rename copy],
    'ruby' => FILTER + %w[init code tag_on_exception],
    'split' => FILTER + %w[field],
    'json' => FILTER + %w[source target tag_on_failure],
    'date' => FILTER + %w[match target],
    'uuid' => FILTER + %w[target overwrite],
    'detrails' => FILTER + CLIENT + %w[url headers source target batch_bytes retries retry_initial_interval
                                       retry_max_interval tag_on_failure]
  },
  'output' => {
    'elasticsearch' => COMMON + %w[hosts index action data_stream manage_template document_id silence_errors_in_log
                                   pipeline api_key user password ssl_enabled ssl_certificate_authorities],
    'file' => COMMON + %w[path codec]
  }
}.freeze
