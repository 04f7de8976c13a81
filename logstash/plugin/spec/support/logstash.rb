# encoding: utf-8
# The thinnest stand-ins for what Logstash provides, so that the plugin's own code runs under plain Ruby.
# Real Logstash never loads this folder.
require 'json'

module LogStash; end
module LogStash::Filters; end
module LogStash::PluginMixins; end
module LogStash::PluginMixins::ValidatorSupport; end
module LogStash::PluginMixins::ValidatorSupport::FieldReferenceValidationAdapter; end

module LogStash::Json
  def self.load(text)
    JSON.parse(text)
  end

  def self.dump(value)
    JSON.generate(value)
  end
end

module LogStash::Util
  def self.set_thread_plugin(_plugin); end
end

# Keeps what was logged, so that a spec can check that no record's text is in it.
class LogStash::MemoryLogger
  attr_reader :lines

  def initialize
    @lines = []
    @lock = Mutex.new
  end

  %w[debug info warn error].each do |level|
    define_method(level) { |message, data = {}| @lock.synchronize { @lines << [level, message, data] } }
  end
end

# An event: nested hashes behind field references.
class LogStash::Event
  def initialize(data = {})
    @data = JSON.parse(JSON.generate(data))
    @metadata = {}
    @cancelled = false
  end

  def get(reference)
    root, path = locate(reference)
    path.reduce(root) { |value, key| value.is_a?(Hash) ? value[key] : nil }
  end

  def set(reference, value)
    root, path = locate(reference)
    parent = path[0...-1].reduce(root) do |at, key|
      at[key] = {} unless at.key?(key)
      raise TypeError, "#{key} is no object" unless at[key].is_a?(Hash)

      at[key]
    end
    parent[path.last] = value
  end

  def remove(reference)
    root, path = locate(reference)
    parent = path[0...-1].reduce(root) { |at, key| at.is_a?(Hash) ? at[key] : nil }
    parent.delete(path.last) if parent.is_a?(Hash)
  end

  def tag(name)
    tags = Array(get('tags'))
    set('tags', tags + [name]) unless tags.include?(name)
  end

  def cancel
    @cancelled = true
  end

  def cancelled?
    @cancelled
  end

  def to_hash
    @data
  end

  def to_json(*)
    JSON.generate(@data)
  end

  private

  def locate(reference)
    path = reference.start_with?('[') ? reference.scan(/\[([^\[\]]+)\]/).flatten : [reference]
    raise ArgumentError, 'bad field reference' if path.empty?

    path.first == '@metadata' ? [@metadata, path.drop(1)] : [@data, path]
  end
end

class LogStash::Filters::Base
  class << self
    def config_name(name = nil)
      name ? @config_name = name : @config_name
    end

    def config(name, options = {})
      options_by_name[name] = options
    end

    def options_by_name
      @options_by_name ||= {}
    end
  end

  attr_accessor :logger
  attr_reader :matched

  def initialize(params = {})
    @logger = LogStash::MemoryLogger.new
    @matched = []
    known = self.class.options_by_name
    unknown = params.keys.map(&:to_sym) - known.keys
    raise ArgumentError, "unknown options #{unknown}" unless unknown.empty?

    known.each do |name, options|
      value = params.fetch(name.to_s, options[:default])
      raise ArgumentError, "#{name} is required" if value.nil? && options[:required]

      instance_variable_set("@#{name}", value)
    end
  end

  def close; end

  protected

  def filter_matched(event)
    @matched << event
  end
end
