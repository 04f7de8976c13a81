# encoding: utf-8

# Writes one event's record as one line of JSON.
module LogStash::Filters::Detrails::Line
  # Where to look when the user names no source. Objects come first: a codec may have left the text of a
  # whole file in `[event][original]` of every event that was split from it.
  OBJECTS = ['[aws][cloudtrail]', '[cloudtrail]', '[detail]'].freeze
  TEXTS = ['[message]', '[event][original]'].freeze

  # The line of `source`, or of wherever the record is. Nil when there is nothing to send.
  def self.of(event, source)
    value = source ? event.get(source) : find(event)
    value.nil? || value == '' ? nil : write(value)
  end

  # An object counts only with AWS's own member names: after Elastic's ingest pipeline, `[aws][cloudtrail]`
  # holds the fields under other names, and the record is in the text. The whole event is sent when nothing
  # else is there, as for the cloudtrail codec, which leaves the record's members at the root.
  def self.find(event)
    object = OBJECTS.find { |at| event.get("#{at}[eventVersion]") || event.get("#{at}[eventName]") }
    return event.get(object) if object
    return event.to_hash if event.get('[eventVersion]') || event.get('[eventName]')

    text = TEXTS.find { |at| event.get(at).is_a?(String) && !event.get(at).empty? }
    text ? event.get(text) : event.to_hash
  end

  # An object's text goes as it is: nothing is parsed, no number is rounded. Everything else goes as a
  # JSON string, which the service opens: text of several lines, a list, or text that is no JSON at all and
  # must not spoil the lines beside it.
  def self.write(value)
    return LogStash::Json.dump(value) unless value.is_a?(String)

    text = value.encode('UTF-8', :invalid => :replace, :undef => :replace).scrub.strip
    text.start_with?('{') && !text.match?(/[\r\n]/) ? text : LogStash::Json.dump(text)
  end
end
