# encoding: utf-8
# A service on loopback that answers as told: each script step answers one request, then the default does.
require 'json'
require 'socket'

class FakeService
  Request = Struct.new(:line, :headers, :body)

  attr_reader :requests, :port

  def initialize(&default)
    @default = default || method(:enrich)
    @script = []
    @requests = []
    @lock = Mutex.new
    listen(0)
  end

  def url(query = '')
    "http://127.0.0.1:#{@port}/v1/enrich#{query}"
  end

  # The next requests are answered by these, in order: a status, `:drop`, `:stall` or a lambda.
  def script(*steps)
    @lock.synchronize { @script.concat(steps) }
  end

  def stop
    @server.close unless @server.closed?
    @thread.join(5)
  end

  def restart
    listen(@port)
  end

  # What detrails answers with `output=enrichments` to NDJSON: one object per line.
  def enrich(request)
    lines = request.body.split("\n").map do |line|
      record = JSON.parse(line)
      record = JSON.parse(record) if record.is_a?(String) && record.start_with?('{')
      JSON.generate('detrails' => { 'schema' => '1', 'action' => { 'iam' => [record['eventID'].to_s] } })
    end
    [200, lines.join("\n")]
  end

  private

  def listen(port)
    @server = TCPServer.new('127.0.0.1', port)
    @port = @server.addr[1]
    server = @server
    @thread = Thread.new { serve(server) }
  end

  def serve(server)
    loop do
      socket = server.accept
      Thread.new(socket) { |client| converse(client) }
    end
  rescue IOError, Errno::EBADF, Errno::EINVAL
    nil
  end

  def converse(socket)
    request = read(socket)
    step = @lock.synchronize do
      @requests << request
      @script.shift
    end
    answer(socket, step, request)
  rescue IOError, SystemCallError
    nil
  ensure
    socket.close unless socket.closed?
  end

  def answer(socket, step, request)
    return if step == :drop
    return socket.read if step == :stall # until the client gives up

    status, body, headers = step.is_a?(Integer) ? [step, ''] : (step || @default).call(request)
    extra = (headers || {}).map { |name, value| "#{name}: #{value}\r\n" }.join
    socket.write("HTTP/1.1 #{status} X\r\ncontent-type: application/x-ndjson\r\n#{extra}" \
                 "content-length: #{body.bytesize}\r\nconnection: close\r\n\r\n#{body}")
  end

  def read(socket)
    line = socket.gets.to_s.strip
    headers = {}
    while (header = socket.gets.to_s.strip) != ''
      name, value = header.split(':', 2)
      headers[name.downcase] = value.strip
    end
    body = socket.read(headers['content-length'].to_i).to_s.force_encoding('UTF-8')
    Request.new(line, headers, body)
  end
end
