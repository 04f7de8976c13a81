# encoding: utf-8
require 'net/http'
require 'securerandom'
require 'time'
require 'uri'

# What the stock filters do, as far as our pipelines use them. A filter takes a batch and returns a batch.
# `matched` applies add_field and its like, which happens on success only.
module Filters
  module_function

  def matched(event, options)
    (options['add_field'] || {}).each { |name, value| event.set(name, event.sprintf(value)) }
    (options['remove_field'] || []).each { |name| event.remove(name) }
    (options['add_tag'] || []).each { |tag| event.tag(tag) }
    gone = options['remove_tag'] || []
    event.set('tags', event.get('tags') - gone) if event.get('tags') && !gone.empty?
  end

  def mutate(events, options, _)
    events.each do |event|
      (options['rename'] || {}).each { |from, to| event.set(to, event.remove(from)) if event.include?(from) }
      (options['copy'] || {}).each { |from, to| event.set(to, event.deep(event.get(from))) if event.include?(from) }
      matched(event, options)
    end
  end

  def json(events, options, _)
    events.each do |event|
      text = event.get(options['source'])
      begin
        event.set(options['target'], JSON.parse(text))
        matched(event, options)
      rescue JSON::ParserError, TypeError
        event.tag('_jsonparsefailure')
      end
    end
  end

  def split(events, options, _)
    events.flat_map do |event|
      value = event.get(options['field'])
      unless value.is_a?(Array)
        event.tag('_split_type_failure')
        next [event]
      end
      value.reject { |item| item.nil? || (item.respond_to?(:empty?) && item.empty?) }.map do |item|
        event.copy.tap do |clone|
          clone.set(options['field'], item)
          matched(clone, options)
        end
      end
    end
  end

  def ruby(events, options, state)
    scope = state[options.object_id] ||= RubyScope.new(options)
    events.each do |event|
      scope.run(event)
      matched(event, options)
    rescue StandardError => e
      warn "ruby #{options['id']}: #{e.class} #{e.message}"
      event.tag(options['tag_on_exception'] || '_rubyexception')
    end
  end

  # The code sees `event` and its own instance variables. Waiting is told to whoever runs the pipeline.
  class RubyScope
    def initialize(options)
      instance_eval(options['init']) if options['init']
      instance_eval("def run(event)\n#{options['code']}\nend", "ruby filter #{options['id']}")
    end

    def sleep(_seconds)
      $stderr.puts 'waiting'
      $stderr.flush
      Kernel.sleep(0.02)
    end
  end

  def date(events, options, _)
    field, = options['match']
    events.each do |event|
      event.set('@timestamp', Time.iso8601(event.get(field)).utc.iso8601(3))
    rescue ArgumentError, TypeError
      event.tag('_dateparsefailure')
    end
  end

  def uuid(events, options, _)
    events.each { |event| event.set(options['target'], SecureRandom.uuid) unless event.get(options['target']) }
  end

  # The stock http filter: one request per event, no repetition of a POST but for a dropped connection.
  def http(events, options, _)
    events.each { |event| request(event, options) }
  end

  def request(event, options)
    raise 'target_body is required with ECS' unless options['target_body']

    response = exchange(event, options)
    return failed(event, options) unless response.is_a?(Net::HTTPSuccess)

    if response['content-type'].to_s.split(';').first == 'application/json'
      event.set(options['target_body'], JSON.parse(response.body))
    else
      event.set(options['target_body'], response.body.strip)
    end
    matched(event, options)
  rescue JSON::ParserError
    options['tag_on_json_failure'].each { |tag| event.tag(tag) }
    matched(event, options)
  end

  def exchange(event, options)
    uri = URI(event.sprintf(options['url']))
    attempts = options['retry_non_idempotent'] ? options.fetch('automatic_retries', 1).to_i : 0
    begin
      Net::HTTP.start(uri.host, uri.port, :open_timeout => options['connect_timeout'], :max_retries => 0,
                                          :read_timeout => options['socket_timeout']) do |client|
        post = Net::HTTP.const_get(options['verb'].capitalize).new(uri)
        post['content-type'] = options['body_format'] == 'json' ? 'application/json' : 'text/plain'
        (options['headers'] || {}).each { |name, value| post[name] = event.sprintf(value) }
        post.body = event.sprintf(options['body'])
        client.request(post)
      end
    rescue EOFError, Errno::ECONNRESET
      attempts -= 1
      retry if attempts >= 0
      nil
    rescue SystemCallError, Timeout::Error, IOError
      nil
    end
  end

  def failed(event, options)
    options['tag_on_request_failure'].each { |tag| event.tag(tag) }
  end

  # The plugin of logstash/plugin, as it is.
  def detrails(events, options, state)
    filter = state[options.object_id] ||= begin
      mine = options.reject { |name, _| %w[id pool_max_per_route].include?(name) }
      LogStash::Filters::Detrails.new(mine).tap do |made|
        made.define_singleton_method(:pause) { |_| RubyScope.instance_method(:sleep).bind_call(RubyScope.allocate, 0) }
        made.register
      end
    end
    filter.multi_filter(events)
  end
end
