# encoding: utf-8
require 'uri'

# The one place that talks HTTP: a POST through the client that logstash-mixin-http_client makes.
class LogStash::Filters::Detrails::Transport
  # What came of a request: a status and a body, or the reason why there is none.
  Answer = Struct.new(:code, :body, :retry_after, :error) do
    REPEAT = [429, 502, 503, 504].freeze

    # Nil on success, else a stable word for the log and the event.
    def failure
      return error if error

      code.between?(200, 299) ? nil : "status_#{code}"
    end

    def worth_repeating?
      !error.nil? || REPEAT.include?(code)
    end

    def too_large?
      code == 413
    end
  end

  def initialize(client, url, headers)
    @client = client
    @url = with_output(url)
    @headers = { 'content-type' => 'application/x-ndjson' }
    headers.each { |name, value| @headers[name.downcase] = value }
  end

  # Never raises. Under JRuby, StandardError covers the exceptions of Java as well.
  def post(body)
    response = @client.http('post', @url, :headers => @headers, :body => body)
    Answer.new(response.code, response.body, seconds(response.headers['retry-after']), nil)
  rescue StandardError => e
    Answer.new(nil, nil, nil, reason(e))
  end

  def close
    @client.close if @client.respond_to?(:close)
  end

  private

  def with_output(url)
    uri = URI.parse(url)
    pairs = URI.decode_www_form(uri.query.to_s).reject { |name, _| name == 'output' }
    uri.query = URI.encode_www_form(pairs << %w[output enrichments])
    uri.to_s
  end

  # Only the form in seconds; a date would need a clock that agrees with the service's.
  def seconds(value)
    text = Array(value).first.to_s
    text.match?(/\A\d{1,6}\z/) ? text.to_i : nil
  end

  # The exception's class tells what happened; its message may hold addresses or paths.
  def reason(exception)
    name = exception.class.name.to_s
    return 'timeout' if name =~ /timeout/i
    return 'refused' if name =~ /refused|HttpHostConnect/i || exception.message.to_s =~ /refused/i

    'connection'
  end
end
