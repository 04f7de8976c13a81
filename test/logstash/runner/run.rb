# encoding: utf-8
# Runs one of our pipelines without Logstash: events in as lines of JSON, and for each event that leaves, one line
# {"output": id, "event": ..., "id": document id} out. Usage: run.rb FILE [batch size] [socket time-out]
require 'json'
plugin = File.expand_path('../../../logstash/plugin', __dir__)
$LOAD_PATH.unshift(File.join(plugin, 'spec/support/stubs'), File.join(plugin, 'lib'))
require File.join(plugin, 'spec/support/logstash')
require File.join(plugin, 'spec/support/http_client')
require 'logstash/filters/detrails'
require_relative 'config_parser'
require_relative 'filters'
require_relative 'known_options'

class LogStash::Event
  def include?(reference)
    !get(reference).nil?
  end

  # One pass: what is put in is not looked at again. A missing field stays as it is written.
  def sprintf(text)
    text.gsub(/%\{([^}]+)\}/) do |whole|
      name = Regexp.last_match(1)
      value = get(name)
      case value
      when nil then whole
      when Hash then JSON.generate(value)
      when Array then value.map { |item| item.is_a?(Hash) ? java(item) : item.to_s }.join(',')
      else value.to_s
      end
    end
  end

  def java(map)
    "{#{map.map { |key, value| "#{key}=#{value}" }.join(', ')}}"
  end

  def deep(value)
    Marshal.load(Marshal.dump(value))
  end

  def copy
    LogStash::Event.new(@data).tap { |clone| clone.instance_variable_set(:@metadata, deep(@metadata)) }
  end
end

def check(items, section)
  items.each do |item|
    if item.is_a?(ConfigParser::Conditional)
      item.branches.each { |branch| check(branch.body, section) }
      check(item.otherwise, section)
    else
      known = KNOWN_OPTIONS[section][item.name] or raise "no #{section} #{item.name}"
      unknown = item.options.keys - known
      raise "#{item.name}: unknown options #{unknown}" unless unknown.empty?
    end
  end
end

# Batch-wise, as Logstash does: a condition divides the batch, and order within the batch is kept.
def filter(items, events, state)
  items.reduce(events) do |batch, item|
    next Filters.public_send(item.name, batch, item.options, state) unless item.is_a?(ConfigParser::Conditional)

    parts = batch.group_by { |event| item.branches.find { |branch| branch.condition.(event) } }
    parts.flat_map { |branch, part| filter(branch ? branch.body : item.otherwise, part, state) }
  end
end

def outputs(items, event)
  items.flat_map do |item|
    next [item] unless item.is_a?(ConfigParser::Conditional)

    branch = item.branches.find { |candidate| candidate.condition.(event) }
    outputs(branch ? branch.body : item.otherwise, event)
  end
end

def each_filter(items, &block)
  items.each do |item|
    next yield(item) unless item.is_a?(ConfigParser::Conditional)

    item.branches.each { |branch| each_filter(branch.body, &block) }
    each_filter(item.otherwise, &block)
  end
end

file, batch_size, socket_timeout = ARGV
pipeline = ConfigParser.parse(File.read(file))
%w[input filter output].each { |section| check(pipeline[section], section) }
each_filter(pipeline['filter']) { |item| item.options['socket_timeout'] = socket_timeout.to_f if socket_timeout && item.options['socket_timeout'] }

state = {}
$stdin.each_line.map { |line| LogStash::Event.new(JSON.parse(line)) }.each_slice((batch_size || 125).to_i) do |batch|
  filter(pipeline['filter'], batch, state).each do |event|
    outputs(pipeline['output'], event).each do |output|
      id = output.options['document_id']
      $stdout.puts JSON.generate('output' => output.options['id'], 'event' => event.to_hash, 'id' => id && event.sprintf(id))
    end
  end
end
