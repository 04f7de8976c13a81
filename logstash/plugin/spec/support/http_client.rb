# encoding: utf-8
# In place of logstash-mixin-http_client: the same `client.http(verb, url, options)` over Net::HTTP.
require 'net/http'
require 'uri'

module LogStash::PluginMixins::HttpClient
  def self.included(base)
    base.config :connect_timeout, :validate => :number, :default => 10
    base.config :socket_timeout, :validate => :number, :default => 10
  end

  def client
    @client ||= NetHttp.new(@connect_timeout, @socket_timeout)
  end

  class NetHttp
    Response = Struct.new(:code, :headers, :body)

    def initialize(connect_timeout, socket_timeout)
      @connect_timeout = connect_timeout
      @socket_timeout = socket_timeout
    end

    def http(verb, url, options)
      uri = URI(url)
      request = Net::HTTP.const_get(verb.capitalize).new(uri)
      options[:headers].each { |name, value| request[name] = value }
      request.body = options[:body]
      response = Net::HTTP.start(uri.host, uri.port, :open_timeout => @connect_timeout,
                                                     :read_timeout => @socket_timeout, :max_retries => 0) do |http|
        http.request(request)
      end
      headers = response.each_header.to_h
      Response.new(response.code.to_i, headers, response.body.to_s.dup.force_encoding('UTF-8'))
    end

    def close; end
  end
end
