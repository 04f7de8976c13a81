# encoding: utf-8
require 'logstash/filters/base'
require 'logstash/json'
require 'logstash/namespace'
require 'logstash/plugin_mixins/http_client'
require 'logstash/plugin_mixins/validator_support/field_reference_validation_adapter'

# Enriches AWS CloudTrail events with a detrails service.
#
# The stock `http` filter makes one request per event. This one overrides `multi_filter`, the hook that
# receives a worker's whole batch (`pipeline.batch.size`, 125 by default), and makes one request of it:
# one JSON document per line, one answer per line, in the same order. Every event goes on, whatever
# happens: what could not be enriched carries `tag_on_failure`, with the reason in
# `[@metadata][detrails][failure]`.
#
# All options of the stock filter's HTTP client are available: `ssl_*`, `user`, `password`, `proxy`,
# `connect_timeout`, `socket_timeout`, `pool_max_per_route`, ...
class LogStash::Filters::Detrails < LogStash::Filters::Base
  extend LogStash::PluginMixins::ValidatorSupport::FieldReferenceValidationAdapter

  include LogStash::PluginMixins::HttpClient

  config_name 'detrails'

  # Where the service listens, such as `http://detrails:8080/v1/enrich`. A query (`?profile=full`) is
  # kept; `output=enrichments` is added.
  config :url, :validate => :string, :required => true

  # Headers of every request, such as `{ "authorization" => "Bearer ${DETRAILS_API_KEY}" }`.
  config :headers, :validate => :hash, :default => {}

  # The field that holds the record: as text (`[message]`, `[event][original]`) or as an object
  # (`[aws][cloudtrail]`). Without it the usual places are searched, see line.rb.
  config :source, :validate => :field_reference

  # The field under which `detrails` and `threat` are put. Without it, they are put at the event's root.
  config :target, :validate => :field_reference

  # A request's size is kept under this many bytes by splitting the batch. A larger single event is sent alone.
  config :batch_bytes, :validate => :number, :default => 8_388_608

  # How many times a request is repeated after a refused or dropped connection, a time-out, or an answer
  # 429, 502, 503 or 504. `-1` repeats until it succeeds: nothing passes un-enriched while the service is away.
  config :retries, :validate => :number, :default => 8

  # Seconds before the first repetition; doubled each time, up to `retry_max_interval`. An answer's
  # `Retry-After` is kept, up to the same limit.
  config :retry_initial_interval, :validate => :number, :default => 0.5
  config :retry_max_interval, :validate => :number, :default => 30

  # Tags of an event that was not enriched.
  config :tag_on_failure, :validate => :array, :default => ['_detrails_failed']

  # An event and the line that stands for it in the request; no line when it has no record.
  Document = Struct.new(:event, :line)

  FAILURE_FIELD = '[@metadata][detrails][failure]'.freeze

  def register
    @root = @target.to_s.sub(/\A[^\[].*\z/, '[\0]')
    @transport = Transport.new(client, @url, @headers)
    @backoff = Backoff.new(@retry_initial_interval, @retry_max_interval)
  end

  def multi_filter(events)
    LogStash::Util.set_thread_plugin(self)
    live = events.reject(&:cancelled?)
    enrich(live)
    live
  end

  # One event on its own: what callers use that know no batches.
  def filter(event)
    enrich([event])
  end

  def close
    @transport.close if @transport
  end

  private

  # Never raises: an exception here would stop the whole pipeline.
  def enrich(events)
    documents = events.map { |event| Document.new(event, line_of(event)) }
    absent, present = documents.partition { |document| document.line.nil? }
    absent.each { |document| fail_one(document.event, 'no_source') }
    Chunks.split(present, @batch_bytes) { |chunk| send_chunk(chunk) }
  end

  def line_of(event)
    Line.of(event, @source)
  rescue StandardError => e
    @logger.warn('detrails: an event could not be written as JSON', :exception => e.class.name)
    nil
  end

  def send_chunk(chunk)
    answer = ask(chunk.map(&:line).join("\n"))
    return halve(chunk) if answer.too_large? && chunk.size > 1
    return fail_all(chunk, answer.failure) if answer.failure

    items = Answers.read(answer.body)
    return fail_all(chunk, 'count_mismatch') if items.size != chunk.size

    chunk.each_with_index { |document, index| settle(document.event, items[index]) }
  end

  # The service has its own limit on a request's size, which may be below `batch_bytes`.
  def halve(chunk)
    middle = chunk.size / 2
    send_chunk(chunk[0...middle])
    send_chunk(chunk[middle..-1])
  end

  def ask(body)
    attempt = 0
    loop do
      answer = @transport.post(body)
      return answer unless answer.worth_repeating? && (@retries < 0 || attempt < @retries)

      wait = @backoff.seconds(attempt, answer.retry_after)
      @logger.warn('detrails: request failed, repeating', :failure => answer.failure, :attempt => attempt + 1,
                                                          :seconds => wait)
      pause(wait)
      attempt += 1
    end
  end

  def pause(seconds)
    sleep(seconds)
  end

  def settle(event, item)
    return fail_one(event, 'bad_item') unless item.is_a?(Hash) && item['detrails'].is_a?(Hash)

    put(event, item['detrails'], item['threat'])
    filter_matched(event)
  rescue StandardError => e
    @logger.error('detrails: an answer could not be put on its event', :exception => e.class.name)
    fail_one(event, 'internal')
  end

  # A `threat` that somebody else wrote is left alone, and `detrails` then must not claim it as its own.
  def put(event, detrails, threat)
    foreign = event.get("#{@root}[threat]") && !event.get("#{@root}[detrails][attack][ecs]")
    if foreign
      detrails['attack'].delete('ecs') if detrails['attack'].is_a?(Hash)
    elsif threat
      event.set("#{@root}[threat]", threat)
    else
      event.remove("#{@root}[threat]")
    end
    event.set("#{@root}[detrails]", detrails)
  end

  def fail_all(chunk, reason)
    @logger.error('detrails: events go on without enrichment', :failure => reason, :events => chunk.size)
    chunk.each { |document| fail_one(document.event, reason) }
  end

  def fail_one(event, reason)
    event.set(FAILURE_FIELD, reason)
    @tag_on_failure.each { |tag| event.tag(tag) }
  rescue StandardError => e
    @logger.error('detrails: an event could not be tagged', :exception => e.class.name, :failure => reason)
  end
end

require 'logstash/filters/detrails/answers'
require 'logstash/filters/detrails/backoff'
require 'logstash/filters/detrails/chunks'
require 'logstash/filters/detrails/line'
require 'logstash/filters/detrails/transport'
