# encoding: utf-8

# Reads an NDJSON answer: item i belongs to line i of the request.
module LogStash::Filters::Detrails::Answers
  # One item per line. A line that is no JSON, or that holds several records where one event was sent,
  # is nil: that event alone is tagged.
  def self.read(body)
    # The client labels text after the content type's charset, which NDJSON has none of; JSON is UTF-8.
    body.to_s.dup.force_encoding(Encoding::UTF_8).each_line.map(&:strip).reject(&:empty?).map { |line| item(line) }
  end

  def self.item(line)
    parsed = LogStash::Json.load(line)
    return nil unless parsed.is_a?(Hash)

    # A line that was a list, such as a whole file in `message`, is answered as one.
    list = parsed['enrichments']
    return parsed unless list.is_a?(Array)

    list.size == 1 ? list.first : nil
  rescue StandardError
    nil
  end
end
