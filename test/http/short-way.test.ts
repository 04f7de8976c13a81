import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import type { EnrichResult } from '../../src/enrichment/pipeline.ts';
import { Admission } from '../../src/http/admission.ts';
import { BufferPool } from '../../src/http/buffer-pool.ts';
import { DirectRequest } from '../../src/http/direct-request.ts';
import { Drain } from '../../src/http/drain.ts';
import { isUsual, shortWay } from '../../src/http/short-way.ts';
import { RecordGenerator } from '../bench/generate.ts';
import { RawConnection } from '../contract/raw-http.ts';
import { countHandled } from '../helpers/count-handled.ts';
import { replaceFile, temporaryFolder, testKey } from '../helpers/key-file.ts';
import { sampleRecord } from '../helpers/sample-record.ts';
import { listenTestApp, metricOf, until } from '../helpers/test-app.ts';

/** What is answered before the framework, and that nobody can tell by the answer. */

const MAX_BYTES = 1000;
const RECORD = Buffer.from(sampleRecord());

type Sent = {
  readonly method?: string;
  readonly path?: string;
  readonly type?: string;
  readonly length?: number | 'none' | 'chunked';
  readonly more?: readonly string[];
};

const WAYS: readonly (Sent & { readonly why: string; readonly usual: boolean })[] = [
  { why: 'one event by POST', usual: true },
  { why: 'one event by PUT', method: 'PUT', usual: true },
  {
    why: 'options in the query are understood there too',
    path: '/v1/enrich?output=enrichments',
    usual: true,
  },
  { why: 'the largest for which it is worth it', length: MAX_BYTES, usual: true },
  { why: 'a larger body', length: MAX_BYTES + 1, usual: false },
  { why: 'an empty body is refused', length: 0, usual: false },
  { why: 'no length, no body', length: 'none', usual: false },
  { why: 'chunks have no stated length', length: 'chunked', usual: false },
  { why: 'lines', type: 'application/x-ndjson', usual: true },
  { why: 'what Logstash calls a text', type: 'text/plain', usual: true },
  { why: 'the charset that JSON has', type: 'application/json; charset=UTF-8', usual: true },
  {
    why: 'other parameters of a type are read there',
    type: 'application/json; charset=latin1',
    usual: false,
  },
  { why: 'types of others may be JSON', type: 'application/vnd.amazon.events+json', usual: false },
  { why: 'packed bodies are not text', type: 'application/gzip', usual: false },
  { why: 'packed bodies are unpacked there', more: ['content-encoding: gzip'], usual: false },
  { why: 'a route whose name begins the same', path: '/v1/enriched', usual: false },
  { why: 'a path below it', path: '/v1/enrich/', usual: false },
  { why: 'another route', path: '/v1/policies/analyze', usual: false },
  { why: 'another method', method: 'DELETE', usual: false },
];

for (const { why, usual, ...sent } of WAYS) {
  test(`${usual ? 'short' : 'long'} way: ${why}`, async (t) => {
    assert.equal(await decide(t, sent), usual);
  });
}

test('long way: whoever is not let in, and everybody once the service closes', async (t) => {
  const closed = new Drain();
  closed.isClosed = true;
  assert.equal(await decide(t, {}, { isLetIn: () => false }), false);
  assert.equal(await decide(t, {}, { drain: closed }), false);
});

const ENRICHED: EnrichResult = {
  ok: true,
  contentType: 'application/json',
  chunks: [Buffer.from('short')],
  records: 1,
  errors: 0,
  degraded: 0,
};
const FAULTS: readonly {
  readonly why: string;
  readonly enrich: () => EnrichResult | Promise<EnrichResult>;
}[] = [
  {
    why: 'a defect',
    enrich: () => {
      throw new Error('a defect');
    },
  },
  { why: 'a defect behind a wait', enrich: () => Promise.reject(new Error('a defect')) },
  { why: 'a refusal', enrich: () => ({ ok: false, code: 'invalid_json' }) },
  { why: 'a refusal behind a wait', enrich: () => Promise.resolve({ ok: false, code: 'invalid_json' }) },
];

for (const { why, enrich } of FAULTS) {
  test(`goes on along the long way, once: ${why}`, async (t) => {
    assert.deepEqual(await answersOf(t, enrich), ['long 1', 'long 2']);
  });
}

test('answers by itself at once and behind a wait', async (t) => {
  assert.deepEqual(await answersOf(t, () => ENRICHED), ['short', 'short']);
  assert.deepEqual(await answersOf(t, () => Promise.resolve(ENRICHED)), ['short', 'short']);
  const pieces = ['sh', 'o', 'rt'].map((text) => Buffer.from(text));
  assert.deepEqual(await answersOf(t, () => ({ ...ENRICHED, chunks: pieces })), ['short', 'short']);
});

test('keeps room for a body that is not small until its answer is over, or its client gone', async (t) => {
  const admission = new Admission(MAX_BYTES, 0);
  const drain = new Drain();
  const results: ((result: EnrichResult) => void)[] = [];
  const enrich = () => new Promise<EnrichResult>((resolve) => results.push(resolve));
  const { server, taken } = countedWays(enrich, { drain, admission });
  const connection = await connectTo(t, server);
  const ask = () => connection.ask(head({}, RECORD.length), RECORD);
  const begun = (count: number) => until(async () => results.length === count);
  const isOver = () => until(async () => drain.inFlight === 0);

  const answer = ask();
  await begun(1);
  assert.equal(admission.bytes, RECORD.length);
  results[0]?.(ENRICHED);
  assert.equal((await answer).body.toString(), 'short');
  await isOver();
  assert.equal(admission.bytes, 0);

  // Handed on it is admitted again there.
  const handedOn = ask();
  await begun(2);
  results[1]?.({ ok: false, code: 'invalid_json' });
  assert.equal((await handedOn).body.toString(), 'long 1');
  assert.deepEqual([admission.bytes, drain.inFlight], [0, 0]);

  // Who left while it waited is not handed on.
  connection.socket.write(`${head({}, RECORD.length).join('\r\n')}\r\n\r\n${RECORD.toString()}`);
  await begun(3);
  connection.close();
  await isOver();
  results[2]?.({ ok: false, code: 'invalid_json' });
  await setImmediate();
  assert.deepEqual([admission.bytes, drain.inFlight, taken()], [0, 0, 1]);
});

test('takes the long way, where one waits, when there is no room', async (t) => {
  const admission = new Admission(MAX_BYTES, 0);
  const connection = await connectTo(t, countedWays(() => ENRICHED, { admission }).server);
  const ask = async () => (await connection.ask(head({}, RECORD.length), RECORD)).body.toString();

  admission.tryEnter(MAX_BYTES - RECORD.length + 1);
  assert.equal(await ask(), 'long 1');
  admission.leave(1);
  assert.equal(await ask(), 'short');
});

test('is open in the service, but for those who count requests per client', async (t) => {
  const handled = countHandled(t);
  const { port } = await listenTestApp(t);
  const limited = await listenTestApp(t, { DETRAILS_RATE_LIMIT_PER_MINUTE: '100' });

  assert.equal((await send(t, port, {}, RECORD)).status, 200);
  assert.equal(handled(), 0);
  assert.equal((await send(t, port, LONG, RECORD)).status, 200);
  assert.equal(handled(), 1);
  assert.equal((await send(t, limited.port, {}, RECORD)).status, 200);
  assert.equal(handled(), 2);
});

test('answers what the framework answers, header by header and byte by byte', async (t) => {
  const short = await listenTestApp(t);
  const long = await listenTestApp(t);
  const generator = new RecordGenerator(5);
  const bodies = [
    ...Array.from({ length: 60 }, () => Buffer.from(generator.next())),
    generator.file(5),
    generator.file(100),
    // Broken after what no socket hands over at once.
    generator.file(100).subarray(0, -1),
    Buffer.from(JSON.stringify(Array.from({ length: 3000 }, () => ({ eventName: 'A' })))),
    gzipSync(RECORD),
    ...['{}', '[]', '[1]', 'null', '"text"', ' ', '{', 'no json', '{event={a=1}}', '{"Records":[]}'].map(
      (text) => Buffer.from(text),
    ),
    Buffer.from(`${sampleRecord(1)}\n\nno json\n${sampleRecord(2)}\n`),
    Buffer.from(`\ufeff${sampleRecord()}`),
    Buffer.from(JSON.stringify({ message: sampleRecord() })),
    Buffer.from('['.repeat(500)),
    Buffer.from([0xff, 0xfe, 0x00]),
  ];
  const types = [
    { type: 'application/json', long: 'application/a+json' },
    { type: 'application/json;charset=utf-8', long: 'application/a+json' },
    { type: 'application/x-ndjson', long: 'application/x-ndjson; version=1' },
    { type: 'text/plain', long: 'text/plain; charset=us-ascii' },
  ];
  const queries = ['', '?', '?output=enrichments', '?profile=full&explain=true', '?ecs=false', '?nonsense=1'];

  for (const [at, body] of bodies.entries()) {
    const path = `/v1/enrich${queries[at % queries.length]}`;
    for (const { type, long: same } of types) {
      const one = await send(t, short.port, { path, type }, body);
      const other = await send(t, long.port, { path, type: same }, body);
      assert.deepEqual(one, other, `body ${at} as ${type}`);
    }
  }
});

test('answers whatever is sent as the framework does', async (t) => {
  const [short, long] = [
    await RawConnection.open((await listenTestApp(t)).port),
    await RawConnection.open((await listenTestApp(t)).port),
  ];
  t.after(() => [short, long].map((connection) => connection.close()));
  const something = fc.oneof(
    fc.uint8Array({ minLength: 1, maxLength: 60 }),
    fc.jsonValue().map((value) => Buffer.from(JSON.stringify(value))),
    fc
      .record({ eventSource: fc.string(), eventName: fc.string(), eventID: fc.jsonValue() })
      .map((record) => Buffer.from(JSON.stringify(record))),
  );
  await fc.assert(
    fc.asyncProperty(something, async (bytes) => {
      const body = Buffer.from(bytes);
      assert.deepEqual(
        comparable(await short.ask(head({}, body.length), body)),
        comparable(await long.ask(head(LONG, body.length), body)),
      );
    }),
  );
});

test('counts every request once, whichever way it went', async (t) => {
  const { app, port } = await listenTestApp(t);
  const connection = await RawConnection.open(port);
  t.after(() => connection.close());

  for (const body of [RECORD, Buffer.from('no json'), gzipSync(RECORD), RECORD])
    await connection.ask(head({}, body.length), body);

  const { body } = await app.inject('/metrics');
  const counts = [...body.matchAll(/^detrails_http_request_duration_seconds_count\{(.*)\} (\d+)$/gm)]
    .filter(([, labels]) => labels?.includes('"/v1/enrich"') && labels.includes('"POST"'))
    .map(([, labels, count]) => [/status_class="(...)"/.exec(labels ?? '')?.[1], Number(count)]);
  assert.deepEqual(Object.fromEntries(counts), { '2xx': 3, '4xx': 1, '5xx': 0 });
  assert.equal(await metricOf(app, 'detrails_http_requests_in_flight'), 1, 'the one that asks');
});

test('lets in whom the framework lets in, and counts a refusal once', async (t) => {
  const file = join(temporaryFolder(t), 'keys');
  const [known, reader] = [testKey('logstash'), testKey('reader', 'read')];
  replaceFile(file, `${known.line}\n${reader.line}`);
  const { app, port } = await listenTestApp(t, { DETRAILS_AUTH: 'keys', DETRAILS_API_KEYS_FILE: file });
  const ask = async (authorization?: string) => {
    const more = authorization === undefined ? [] : [`authorization: ${authorization}`];
    return (await send(t, port, { more }, RECORD)).status;
  };

  assert.equal(await ask(`Bearer ${known.key}`), 200);
  assert.equal(await ask(`Bearer ${reader.key}`), 403);
  assert.equal(await ask('Bearer nonsense'), 401);
  assert.equal(await ask(), 401);

  for (const reason of ['missing_scope', 'unknown_key', 'no_credentials'])
    assert.equal(await metricOf(app, `detrails_access_refused_total{reason="${reason}"}`), 1, reason);
});

test('forgets a client that leaves in the middle of its body', async (t) => {
  const { app, port } = await listenTestApp(t);
  const connection = await RawConnection.open(port);
  connection.socket.write(`${head({}, RECORD.length).join('\r\n')}\r\n\r\n${RECORD.toString().slice(0, 20)}`);
  await until(async () => (await metricOf(app, 'detrails_http_requests_in_flight')) === 2);

  connection.close();

  await until(async () => (await metricOf(app, 'detrails_http_requests_in_flight')) === 1);
});

/** A type that means the same and is read by the framework. */
const LONG: Sent = { type: 'application/a+json' };

function head(
  { method = 'POST', path = '/v1/enrich', type = 'application/json', length, more = [] }: Sent,
  bytes: number,
): string[] {
  const stated = length ?? bytes;
  const lengths =
    stated === 'none'
      ? []
      : [stated === 'chunked' ? 'transfer-encoding: chunked' : `content-length: ${stated}`];
  return [
    `${method} ${path} HTTP/1.1`,
    'host: detrails',
    'x-request-id: same',
    `content-type: ${type}`,
    ...lengths,
    ...more,
  ];
}

async function send(t: TestContext, port: number, sent: Sent, body: Buffer) {
  const connection = await RawConnection.open(port);
  t.after(() => connection.close());
  return comparable(await connection.ask(head(sent, body.length), body));
}

function comparable({ status, headers, body }: Awaited<ReturnType<RawConnection['answer']>>) {
  const { date, ...rest } = Object.fromEntries(headers);
  assert.notEqual(date, undefined);
  return { status, headers: rest, body: body.toString('latin1') };
}

/** What a real server decides on a real request. */
async function decide(
  t: TestContext,
  sent: Sent,
  more: { readonly drain?: Drain; readonly isLetIn?: (request: IncomingMessage) => boolean } = {},
): Promise<boolean> {
  const options = { drain: new Drain(), isLetIn: () => true, maxBytes: MAX_BYTES, ...more };
  const server = createServer({ IncomingMessage: DirectRequest }, (request, answer) => {
    answer.end(String(isUsual(request, options)));
  });
  const connection = await connectTo(t, server);
  return (await connection.ask(head(sent, RECORD.length), Buffer.alloc(0))).body.toString() === 'true';
}

/** A short way of which the long way counts how often it is taken. */
function countedWays(
  enrich: () => EnrichResult | Promise<EnrichResult>,
  { drain = new Drain(), admission = ROOMY }: { drain?: Drain; admission?: Admission } = {},
) {
  let taken = 0;
  const longWay = (_request: IncomingMessage, answer: ServerResponse): void => {
    const body = `long ${++taken}`;
    answer.writeHead(200, { 'content-length': body.length }).end(body);
  };
  const listener = shortWay(longWay, {
    drain,
    observe: () => undefined,
    monotonic: () => 0,
    isLetIn: () => true,
    maxBytes: MAX_BYTES,
    buffers: new BufferPool(MAX_BYTES),
    admission,
    enrich,
  });
  return { server: createServer({ IncomingMessage: DirectRequest }, listener), taken: () => taken };
}

/** No body of these tests is so large that it needs room. */
const ROOMY = new Admission(32_768 * MAX_BYTES, 0);

/** Two requests over one connection. */
async function answersOf(
  t: TestContext,
  enrich: () => EnrichResult | Promise<EnrichResult>,
): Promise<string[]> {
  const connection = await connectTo(t, countedWays(enrich).server);
  const answers: string[] = [];
  for (let n = 0; n < 2; n++)
    answers.push((await connection.ask(head({}, RECORD.length), RECORD)).body.toString());
  return answers;
}

async function connectTo(t: TestContext, server: Server): Promise<RawConnection> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const connection = await RawConnection.open((server.address() as AddressInfo).port);
  t.after(() => connection.close());
  return connection;
}
