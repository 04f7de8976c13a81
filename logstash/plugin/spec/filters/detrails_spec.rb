# encoding: utf-8

RSpec.describe LogStash::Filters::Detrails do
  let(:service) { FakeService.new }
  let(:options) { {} }
  let(:pauses) { [] }
  let(:filter) { build(options) }

  after { service.stop }

  def build(options)
    filter = described_class.new({ 'url' => service.url, 'socket_timeout' => 1, 'connect_timeout' => 1 }.merge(options))
    allow(filter).to receive(:pause) { |seconds| pauses << seconds }
    filter.register
    filter
  end

  def record(id)
    JSON.generate('eventVersion' => '1.11', 'eventName' => 'GetCallerIdentity', 'eventID' => id)
  end

  def events(count, prefix = 'e')
    Array.new(count) { |index| LogStash::Event.new('message' => record("#{prefix}#{index}")) }
  end

  def answers(list)
    list.map { |event| event.get('[detrails][action][iam]') }
  end

  def failures(list)
    list.map { |event| [event.get('tags'), event.get('[@metadata][detrails][failure]')] }
  end

  describe 'a batch' do
    it 'is one request, and every answer is on its own event, in order' do
      batch = events(125)

      result = filter.multi_filter(batch)

      expect(service.requests.size).to eq(1)
      expect(result).to eq(batch)
      expect(answers(batch)).to eq(Array.new(125) { |index| ["e#{index}"] })
      expect(batch.map { |event| event.get('tags') }.uniq).to eq([nil])
    end

    it 'makes at most 100 requests of 10,000 events in batches of 125' do
      all = events(10_000)

      result = all.each_slice(125).flat_map { |batch| filter.multi_filter(batch) }

      expect(service.requests.size).to eq(80)
      expect(result.size).to eq(10_000)
      expect(answers(result)).to eq(Array.new(10_000) { |index| ["e#{index}"] })
    end

    it 'is answered rightly when eight workers share the filter' do
      batches = Array.new(8) { |worker| events(50, "w#{worker}-") }

      batches.map { |batch| Thread.new { filter.multi_filter(batch) } }.each(&:join)

      batches.each_with_index do |batch, worker|
        expect(answers(batch)).to eq(Array.new(50) { |index| ["w#{worker}-#{index}"] })
      end
    end

    it 'is split so that no request is larger than batch_bytes, in order' do
      batch = events(100)
      limit = (record('e10').bytesize + 1) * 30
      small = build('batch_bytes' => limit)

      small.multi_filter(batch)

      expect(service.requests.map { |request| request.body.bytesize }.max).to be <= limit
      expect(service.requests.size).to eq(4)
      expect(answers(batch)).to eq(Array.new(100) { |index| ["e#{index}"] })
    end

    it 'sends an event that is larger than batch_bytes alone' do
      batch = events(2) + [LogStash::Event.new('message' => record('x' * 500))]

      build('batch_bytes' => 200).multi_filter(batch)

      expect(answers(batch).last).to eq(['x' * 500])
    end

    it 'leaves out cancelled events' do
      batch = events(3)
      batch[1].cancel

      result = filter.multi_filter(batch)

      expect(result).to eq([batch[0], batch[2]])
      expect(service.requests.first.body.lines.size).to eq(2)
    end

    it 'makes no request when it is empty' do
      expect(filter.multi_filter([])).to eq([])
      expect(service.requests).to be_empty
    end

    it 'marks enriched events as matched, so that add_field and its like apply' do
      batch = events(2)
      filter.multi_filter(batch)
      expect(filter.matched).to eq(batch)
    end
  end

  describe 'a request' do
    it 'is NDJSON, asks for enrichments and keeps the query that the user wrote' do
      build('url' => service.url('?profile=full'), 'headers' => { 'Authorization' => 'Bearer k' }).multi_filter(events(1))

      request = service.requests.first
      expect(request.line).to eq('POST /v1/enrich?profile=full&output=enrichments HTTP/1.1')
      expect(request.headers).to include('content-type' => 'application/x-ndjson', 'authorization' => 'Bearer k')
    end

    it 'carries a record in one line of text byte for byte' do
      text = '{"eventName":"PutObject","eventID":"n","n":9007199254740993,"d":1.10}'
      filter.multi_filter([LogStash::Event.new('message' => " #{text}\n")])
      expect(service.requests.first.body).to eq(text)
    end

    it 'carries text of several lines, or text that is no JSON, as one JSON string' do
      texts = ["{\n\"eventID\":\"p\"\n}", 'not json', "\xff{".dup.force_encoding('UTF-8')]
      expect(texts.map { |text| described_class::Line.write(text).include?("\n") }).to eq([false, false, false])
      expect(JSON.parse(described_class::Line.write(texts[0]))).to eq(texts[0])
      expect(JSON.parse(described_class::Line.write(texts[1]))).to eq('not json')
    end

    it 'prefers an object over text, since a codec may have left a whole file in event.original' do
      event = LogStash::Event.new('aws' => { 'cloudtrail' => { 'eventID' => 'object', 'eventName' => 'A' } },
                                  'event' => { 'original' => '{"Records":[]}' })
      filter.multi_filter([event])
      expect(event.get('[detrails][action][iam]')).to eq(['object'])
    end

    it 'takes the text where the object holds Elastic\'s field names instead of AWS\'s' do
      event = LogStash::Event.new('aws' => { 'cloudtrail' => { 'event_version' => '1.11' } },
                                  'event' => { 'original' => record('text') })
      filter.multi_filter([event])
      expect(event.get('[detrails][action][iam]')).to eq(['text'])
    end

    it 'is the whole event when the record is at its root' do
      event = LogStash::Event.new('eventID' => 'root', 'eventName' => 'A', 'message' => 'left by a codec')
      filter.multi_filter([event])
      expect(event.get('[detrails][action][iam]')).to eq(['root'])
    end

    it 'takes the record from source when that is set' do
      event = LogStash::Event.new('message' => record('no'), 'raw' => { 'eventID' => 'yes' })
      build('source' => '[raw]').multi_filter([event])
      expect(event.get('[detrails][action][iam]')).to eq(['yes'])
    end
  end

  describe 'an answer' do
    it 'is put under target' do
      batch = events(1)
      build('target' => '[enriched]').multi_filter(batch)
      expect(batch[0].get('[enriched][detrails][schema]')).to eq('1')
      expect(batch[0].get('[detrails]')).to be_nil
    end

    it 'is put under a target written without brackets' do
      batch = events(1)
      build('target' => 'enriched').multi_filter(batch)
      expect(batch[0].get('[enriched][detrails][schema]')).to eq('1')
    end

    it 'is read as UTF-8, whatever the client takes it for' do
      text = '{"detrails":{"schema":"1","session":{"human":{"name":"Zoë"}}}}'
      items = described_class::Answers.read(text.dup.force_encoding('ISO-8859-1'))
      expect(items.first['detrails']['session']['human']['name']).to eq('Zoë')
    end

    it 'sets threat beside detrails' do
      service.script(->(_) { [200, '{"detrails":{"schema":"1","attack":{"ecs":true}},"threat":{"framework":"F"}}'] })
      batch = events(1)
      filter.multi_filter(batch)
      expect(batch[0].get('[threat][framework]')).to eq('F')
    end

    it 'leaves a threat of somebody else alone and says so' do
      service.script(->(_) { [200, '{"detrails":{"schema":"1","attack":{"ecs":true}},"threat":{"framework":"F"}}'] })
      event = LogStash::Event.new('message' => record('a'), 'threat' => { 'framework' => 'theirs' })
      filter.multi_filter([event])
      expect(event.get('[threat][framework]')).to eq('theirs')
      expect(event.get('[detrails][attack][ecs]')).to be_nil
    end

    it 'takes away a threat of an earlier pass that no longer holds' do
      event = LogStash::Event.new('message' => record('a'), 'threat' => { 'framework' => 'ours' },
                                  'detrails' => { 'attack' => { 'ecs' => true } })
      filter.multi_filter([event])
      expect(event.get('threat')).to be_nil
    end

    it 'that is a list of one, as for text with a Records list, is taken' do
      service.script(->(_) { [200, '{"enrichments":[{"detrails":{"schema":"1"}}]}'] })
      batch = events(1)
      filter.multi_filter(batch)
      expect(batch[0].get('[detrails][schema]')).to eq('1')
    end
  end

  # Each row of the README's table of failures.
  describe 'a failure' do
    def expect_all_tagged(batch, reason)
      expect(failures(batch)).to eq(Array.new(batch.size) { [['_detrails_failed'], reason] })
      expect(batch.map { |event| event.get('detrails') }.compact).to be_empty
    end

    it 'refused: repeats with back-off, then lets the events pass with the tag' do
      filter
      service.stop
      batch = events(3)

      expect(filter.multi_filter(batch)).to eq(batch)

      expect_all_tagged(batch, 'refused')
      expect(pauses.size).to eq(8)
      expect(pauses).to all(be <= 30)
      expect(pauses[3]).to be > pauses[0]
    end

    it 'refused, then back: nothing is tagged' do
      filter
      service.stop
      restarted = false
      allow(filter).to receive(:pause) do
        service.restart unless restarted
        restarted = true
      end
      batch = events(3)

      filter.multi_filter(batch)

      expect(answers(batch)).to eq([['e0'], ['e1'], ['e2']])
    end

    it 'timed out: repeats, and the events are enriched when the next answer comes' do
      service.script(:stall)
      batch = events(2)
      filter.multi_filter(batch)
      expect(pauses.size).to eq(1)
      expect(answers(batch)).to eq([['e0'], ['e1']])
    end

    it 'timed out for good: tagged' do
      service.script(:stall)
      batch = events(1)
      build('retries' => 0).multi_filter(batch)
      expect_all_tagged(batch, 'timeout')
    end

    it 'dropped connection: repeats' do
      service.script(:drop, :drop)
      batch = events(2)
      filter.multi_filter(batch)
      expect(service.requests.size).to eq(3)
      expect(answers(batch)).to eq([['e0'], ['e1']])
    end

    [429, 502, 503, 504].each do |status|
      it "#{status}: repeats" do
        service.script(status, status)
        batch = events(2)
        filter.multi_filter(batch)
        expect(pauses.size).to eq(2)
        expect(answers(batch)).to eq([['e0'], ['e1']])
      end
    end

    it '503 with Retry-After: waits as long as the service asks, up to the maximum' do
      service.script(->(_) { [503, '', { 'Retry-After' => '7' }] }, ->(_) { [503, '', { 'Retry-After' => '9999' }] })
      filter.multi_filter(events(1))
      expect(pauses).to eq([7, 30])
    end

    [400, 401, 403, 404, 415, 500].each do |status|
      it "#{status}: tagged at once" do
        service.script(status)
        batch = events(2)
        filter.multi_filter(batch)
        expect(service.requests.size).to eq(1)
        expect_all_tagged(batch, "status_#{status}")
      end
    end

    it '413: halves the batch until it fits, and only an event too large by itself is tagged' do
      limit = record('e1').bytesize * 3
      large = FakeService.new { |request| request.body.bytesize > limit ? [413, ''] : service.enrich(request) }
      batch = events(10) + [LogStash::Event.new('message' => record('x' * 1000))]

      build('url' => large.url).multi_filter(batch)
      large.stop

      expect(answers(batch.first(10))).to eq(Array.new(10) { |index| ["e#{index}"] })
      expect(failures(batch.last(1))).to eq([[['_detrails_failed'], 'status_413']])
    end

    it 'fewer or more answers than events: tagged, since no answer can be trusted to its event' do
      service.script(->(_) { [200, '{"detrails":{"schema":"1"}}'] })
      batch = events(3)
      filter.multi_filter(batch)
      expect_all_tagged(batch, 'count_mismatch')
    end

    it 'an answer that is no enrichment: that event alone is tagged' do
      service.script(->(_) { [200, "{\"detrails\":{\"schema\":\"1\"}}\nnot json\n{\"enrichments\":[{},{}]}"] })
      batch = events(3)
      filter.multi_filter(batch)
      expect(failures(batch)).to eq([[nil, nil], [['_detrails_failed'], 'bad_item'], [['_detrails_failed'], 'bad_item']])
    end

    it 'no record on the event: not sent, tagged' do
      batch = [LogStash::Event.new('other' => 1)] + events(1)
      build('source' => '[message]').multi_filter(batch)
      expect(service.requests.first.body.lines.size).to eq(1)
      expect(failures(batch)).to eq([[['_detrails_failed'], 'no_source'], [nil, nil]])
    end

    it 'an event whose field stands in the way of detrails: that event alone is tagged' do
      batch = [LogStash::Event.new('message' => record('a'), 'x' => 'text'), LogStash::Event.new('message' => record('b'))]
      build('target' => '[x]').multi_filter(batch)
      expect(failures(batch)).to eq([[['_detrails_failed'], 'internal'], [nil, nil]])
    end

    it 'an event that cannot even be tagged passes all the same, and so do its neighbors' do
      service.script(400)
      batch = events(2)
      allow(batch[0]).to receive(:tag).and_raise(TypeError)
      expect(filter.multi_filter(batch)).to eq(batch)
      expect(batch[1].get('tags')).to eq(['_detrails_failed'])
    end

    it 'is held for as long as it takes when retries is -1' do
      service.script(*Array.new(40, 503))
      batch = events(2)
      build('retries' => -1).multi_filter(batch)
      expect(pauses.size).to eq(40)
      expect(answers(batch)).to eq([['e0'], ['e1']])
    end

    it 'uses the tags that the user wants' do
      service.script(400)
      batch = events(1)
      build('tag_on_failure' => %w[a b]).multi_filter(batch)
      expect(batch[0].get('tags')).to eq(%w[a b])
    end

    it 'never writes a record into the log' do
      service.script(400, 503, :drop)
      secret = [LogStash::Event.new('message' => record('very-secret-text'))]
      build('retries' => 1).tap { |one| 3.times { one.multi_filter(secret) } }.logger.lines.each do |line|
        expect(line.inspect).not_to include('very-secret-text')
      end
    end
  end

  it 'passes one event through filter as well' do
    event = events(1).first
    filter.filter(event)
    expect(event.get('[detrails][action][iam]')).to eq(['e0'])
  end
end
