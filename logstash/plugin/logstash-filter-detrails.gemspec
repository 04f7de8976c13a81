Gem::Specification.new do |s|
  s.name = 'logstash-filter-detrails'
  s.version = '0.1.0'
  s.licenses = ['Apache-2.0']
  s.summary = 'Enriches AWS CloudTrail events with detrails, one request per batch'
  s.description = 'Sends a Logstash worker\'s whole batch of CloudTrail events to a detrails service in one ' \
                  'request and puts each answer on its event. Install with bin/logstash-plugin install.'
  s.authors = ['detrails contributors']
  s.homepage = 'https://github.com/detrails/detrails'
  s.require_paths = ['lib']
  s.files = Dir['lib/**/*', 'spec/**/*', '*.gemspec', '*.md', 'LICENSE']
  s.test_files = s.files.grep(%r{^spec/})
  s.required_ruby_version = '>= 2.6'

  # What makes a gem a Logstash plugin.
  s.metadata = { 'logstash_plugin' => 'true', 'logstash_group' => 'filter' }

  # The same ranges as the stock http filter: all of them are part of Logstash 8.19 and 9.x.
  s.add_runtime_dependency 'logstash-core-plugin-api', '>= 1.60', '<= 2.99'
  s.add_runtime_dependency 'logstash-mixin-http_client', '>= 7.4.0', '< 9.0.0'
  s.add_runtime_dependency 'logstash-mixin-validator_support', '~> 1.0'
end
