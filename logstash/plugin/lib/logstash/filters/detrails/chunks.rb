# encoding: utf-8

# Splits a batch so that no request is larger than it should be. Order is kept.
module LogStash::Filters::Detrails::Chunks
  # Yields non-empty runs of documents whose lines take at most `limit_bytes`; a longer line goes alone.
  def self.split(documents, limit_bytes)
    chunk = []
    bytes = 0
    documents.each do |document|
      size = document.line.bytesize + 1
      if !chunk.empty? && bytes + size > limit_bytes
        yield chunk
        chunk = []
        bytes = 0
      end
      chunk << document
      bytes += size
    end
    yield chunk unless chunk.empty?
  end
end
