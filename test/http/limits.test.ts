import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { type RawAnswer, RawConnection } from '../contract/raw-http.ts';
import { sampleRecord } from '../helpers/sample-record.ts';
import { listenTestApp, metricOf, until } from '../helpers/test-app.ts';

/** Every limit at its edge, over a real socket: what just fits passes, one more is refused as documented. */

const RECORD = Buffer.from(sampleRecord());

function head(path: string, body: Buffer, more: readonly string[] = []): string[] {
  const type = 'content-type: application/json';
  return [`POST ${path} HTTP/1.1`, 'host: detrails', type, `content-length: ${body.length}`, ...more];
}

async function open(t: TestContext, port: number): Promise<RawConnection> {
  const connection = await RawConnection.open(port);
  t.after(() => connection.close());
  return connection;
}

async function post(
  t: TestContext,
  port: number,
  body: string | Buffer,
  { path = '/v1/enrich', more = [] }: { path?: string; more?: readonly string[] } = {},
): Promise<RawAnswer> {
  const bytes = Buffer.from(body);
  return (await open(t, port)).ask(head(path, bytes, more), bytes);
}

function assertRefused(answer: RawAnswer, status: number, code: string): void {
  assert.equal(answer.status, status, answer.body.toString());
  assert.equal(answer.headers.get('content-type'), 'application/problem+json');
  assert.equal((JSON.parse(answer.body.toString()) as { code: string }).code, code);
}

/** A record of exactly so many bytes. */
function recordOf(bytes: number): string {
  return sampleRecord(1, { pad: 'x'.repeat(bytes - sampleRecord(1, { pad: '' }).length) });
}

/** Bytes that do not compress, the same every time. */
function noise(length: number): string {
  let state = 1;
  const bytes = Buffer.alloc(length);
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    bytes[i] = state >>> 16;
  }
  return bytes.toString('base64');
}

const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`;

test('DETRAILS_MAX_BODY_BYTES', async (t) => {
  const { port } = await listenTestApp(t, { DETRAILS_MAX_BODY_BYTES: '5000' });

  assert.equal((await post(t, port, recordOf(5000))).status, 200);
  assertRefused(await post(t, port, recordOf(5001)), 413, 'too_large');
});

test('DETRAILS_MAX_DECOMPRESSED_BYTES', async (t) => {
  const { port } = await listenTestApp(t, { DETRAILS_MAX_DECOMPRESSED_BYTES: '5000' });

  assert.equal((await post(t, port, gzipSync(recordOf(5000)))).status, 200);
  assertRefused(await post(t, port, gzipSync(recordOf(5001))), 413, 'decompressed_too_large');
});

test('DETRAILS_MAX_DECOMPRESSION_RATIO', async (t) => {
  const { port } = await listenTestApp(t, { DETRAILS_MAX_DECOMPRESSION_RATIO: '20' });
  // Above the mebibyte that is always allowed: 80,000 bytes of noise, then what compresses away.
  const packed = (spaces: number) =>
    gzipSync(`[${sampleRecord(1, { pad: noise(80_000) })}${' '.repeat(spaces)}]`);
  const ratio = (spaces: number) => (spaces + noise(80_000).length) / packed(spaces).length;
  assert.ok(ratio(1_400_000) < 20 && ratio(1_800_000) > 20, `${ratio(1_400_000)} ${ratio(1_800_000)}`);

  assert.equal((await post(t, port, packed(1_400_000))).status, 200);
  assertRefused(await post(t, port, packed(1_800_000)), 413, 'decompressed_too_large');
});

test('DETRAILS_MAX_RECORDS', async (t) => {
  const { port } = await listenTestApp(t, { DETRAILS_MAX_RECORDS: '10' });
  const batch = (count: number) => `{"Records":[${Array(count).fill(sampleRecord()).join()}]}`;

  const fits = await post(t, port, batch(10));
  assert.equal(fits.headers.get('detrails-records'), '10');
  assertRefused(await post(t, port, batch(11)), 413, 'too_many_records');
});

test('DETRAILS_MAX_DEPTH', async (t) => {
  const { port } = await listenTestApp(t, { DETRAILS_MAX_DEPTH: '20' });
  const record = (depth: number) =>
    `{"eventSource":"iam.amazonaws.com","eventName":"GetUser","x":${nested(depth)}}`;

  const fits = await post(t, port, record(20));
  assert.equal(fits.headers.get('detrails-errors'), '0');
  const deeper = await post(t, port, `[${record(21)},${sampleRecord()}]`);
  assert.equal(deeper.status, 200);
  assert.equal(deeper.headers.get('detrails-errors'), '1');
  assert.match(deeper.body.toString(), /"code":"too_deep".*"action":/s);
});

test('DETRAILS_MAX_ENVELOPE_DEPTH', async (t) => {
  const { port } = await listenTestApp(t, { DETRAILS_MAX_ENVELOPE_DEPTH: '3' });
  const within = (depth: number) => `${'['.repeat(depth)}${sampleRecord()}${']'.repeat(depth)}`;

  assert.equal((await post(t, port, within(3))).headers.get('detrails-records'), '1');
  assertRefused(await post(t, port, within(4)), 413, 'too_deep');
});

test('DETRAILS_MAX_POLICY_BYTES', async (t) => {
  const { port } = await listenTestApp(t, { DETRAILS_MAX_POLICY_BYTES: '2000' });
  const statement = '{"Effect":"Allow","Action":"*","Resource":"*"}';
  const empty = JSON.stringify({ Version: '2012-10-17', Id: '', Statement: [JSON.parse(statement)] });
  const document = (bytes: number) => empty.replace('"Id":""', `"Id":"${'x'.repeat(bytes - empty.length)}"`);
  const event = (text: string) =>
    sampleRecord(1, {
      eventName: 'CreatePolicy',
      recipientAccountId: '111122223333',
      requestParameters: { policyName: 'p', policyDocument: text },
      responseElements: { policy: { arn: 'arn:aws:iam::111122223333:policy/p', defaultVersionId: 'v1' } },
    });
  const analyze = (text: string) =>
    post(t, port, JSON.stringify({ document: text }), { path: '/v1/policies/analyze' });

  assert.match((await analyze(document(2000))).body.toString(), /"status":"analyzed".*"is_admin":true/);
  assert.match((await analyze(document(2001))).body.toString(), /"status":"too_large".*"risk_level":"high"/);
  assert.match((await post(t, port, event(document(2000)))).body.toString(), /"status":"analyzed"/);
  assert.match((await post(t, port, event(document(2001)))).body.toString(), /"status":"too_large"/);
  assertRefused(await analyze('x'.repeat(12 * 2000)), 413, 'too_large');
});

test('statements of a policy', async (t) => {
  const { port } = await listenTestApp(t);
  const statement = { Effect: 'Allow', Action: 's3:GetObject', Resource: '*' };
  const analyze = (count: number) =>
    post(t, port, JSON.stringify({ document: { Statement: Array(count).fill(statement) } }), {
      path: '/v1/policies/analyze',
    });

  assert.match((await analyze(1000)).body.toString(), /"status":"analyzed"/);
  assert.match((await analyze(1001)).body.toString(), /"status":"too_large".*"risk_level":"high"/);
});

test('strings: what is copied from a record is short, however long it is there', async (t) => {
  const { port } = await listenTestApp(t);
  const long = 'x'.repeat(1_000_000);
  const record = sampleRecord(1, {
    eventSource: 'sts.amazonaws.com',
    eventName: 'AssumeRole',
    recipientAccountId: '111122223333',
    userAgent: long,
    sourceIPAddress: long,
    errorMessage: long,
    userIdentity: {
      type: 'AssumedRole',
      arn: long,
      principalId: `${long}:${long}`,
      accessKeyId: `ASIA${long}`,
    },
    requestParameters: { roleArn: long, roleSessionName: long, sourceIdentity: long, policy: long },
    responseElements: { credentials: { accessKeyId: `ASIA${long}` }, assumedRoleUser: { arn: long } },
  });

  const answer = await post(t, port, record, {
    path: '/v1/enrich?output=enrichments&profile=full&explain=true',
  });

  assert.equal(answer.status, 200);
  assert.ok(answer.body.length < 64 * 1024, `${answer.body.length} bytes`);
});

test('DETRAILS_MAX_HEADER_BYTES', async (t) => {
  const { port } = await listenTestApp(t, { DETRAILS_MAX_HEADER_BYTES: '4096' });
  const padded = (bytes: number) => post(t, port, RECORD, { more: [`x-pad: ${'x'.repeat(bytes)}`] });

  assert.equal((await padded(3800)).status, 200);
  assertRefused(await padded(4096), 431, 'header_too_large');
});

test('DETRAILS_MAX_CONNECTIONS', async (t) => {
  const { port, app } = await listenTestApp(t, { DETRAILS_MAX_CONNECTIONS: '2' });
  const [first, second] = [await open(t, port), await open(t, port)];
  for (const connection of [first, second]) {
    assert.equal((await connection.ask(head('/v1/enrich', RECORD), RECORD)).status, 200);
  }

  const third = await open(t, port);
  if (!third.socket.closed) await once(third.socket, 'close');

  assert.equal((await first.ask(head('/v1/enrich', RECORD), RECORD)).status, 200, 'others are not disturbed');
  second.close();
  await until(async () => (await connections(app.server)) === 1);
  assert.equal((await post(t, port, RECORD)).status, 200, 'a place that is free is taken again');
});

test('DETRAILS_HEADERS_TIMEOUT_MS: a header that trickles in is not waited for', async (t) => {
  const { port } = await listenTestApp(t, { DETRAILS_HEADERS_TIMEOUT_MS: '300' });
  const slow = await open(t, port);
  slow.socket.write('POST /v1/enrich HTTP/1.1\r\nhost: detrails\r\n');

  assertRefused(await slow.answer(), 408, 'request_timeout');
  if (!slow.socket.closed) await once(slow.socket, 'close');
});

test('DETRAILS_REQUEST_TIMEOUT_MS: a body that trickles in is not waited for', async (t) => {
  const { app, port } = await listenTestApp(t, {
    DETRAILS_REQUEST_TIMEOUT_MS: '300',
    DETRAILS_HEADERS_TIMEOUT_MS: '300',
    DETRAILS_MAX_BODY_BYTES: '1000',
    DETRAILS_ADMISSION_BYTES: '1000',
  });
  const slow = await open(t, port);
  slow.socket.write(`${head('/v1/enrich', RECORD).join('\r\n')}\r\n\r\n{`);

  assertRefused(await slow.answer(), 408, 'request_timeout');
  await until(async () => (await metricOf(app, 'detrails_admission_bytes')) === 0);
});

test('an answer that nobody reads is given up, and what it held is given back', async (t) => {
  const { app, port } = await listenTestApp(t, {
    DETRAILS_REQUEST_TIMEOUT_MS: '1000',
    DETRAILS_HEADERS_TIMEOUT_MS: '1000',
    DETRAILS_ADMISSION_WAIT_MS: '50',
  });
  const batch = Buffer.from(`[${Array(100).fill(recordOf(300_000)).join()}]`);
  const connected = once(app.server, 'connection') as Promise<[Socket]>;
  const deaf = await open(t, port);
  deaf.socket.pause();
  const [accepted] = await connected;

  deaf.socket.write(`${head('/v1/enrich', batch).join('\r\n')}\r\n\r\n`);
  deaf.socket.write(batch);
  await once(accepted, 'close');

  assert.equal(await metricOf(app, 'detrails_records_total{result="ok"}'), 100, 'it was answered');
  assert.equal(await metricOf(app, 'detrails_admission_bytes'), 0);
});

test('DETRAILS_KEEP_ALIVE_MS', async (t) => {
  const { port } = await listenTestApp(t, { DETRAILS_KEEP_ALIVE_MS: '100' });
  const idle = await open(t, port);

  const answer = await idle.ask(head('/v1/enrich', RECORD), RECORD);

  assert.equal(answer.status, 200);
  if (!idle.socket.closed) await once(idle.socket, 'close');
});

test('DETRAILS_ADMISSION_BYTES and DETRAILS_ADMISSION_WAIT_MS', async (t) => {
  const { app, port } = await listenTestApp(t, {
    DETRAILS_MAX_BODY_BYTES: '100000',
    DETRAILS_ADMISSION_BYTES: '100000',
    DETRAILS_ADMISSION_WAIT_MS: '200',
  });
  const bodies = [60_000, 40_000, 40_000].map((bytes) => Buffer.from(recordOf(bytes)));
  const [large, fits, waits] = await Promise.all(bodies.map(() => open(t, port)));
  assert.ok(large !== undefined && fits !== undefined && waits !== undefined);
  const [first = RECORD, second = RECORD, third = RECORD] = bodies;
  large.socket.write(`${head('/v1/enrich', first).join('\r\n')}\r\n\r\n{`);
  await until(async () => (await metricOf(app, 'detrails_admission_bytes')) === 60_000);

  assert.equal(
    (await fits.ask(head('/v1/enrich', second), second)).status,
    200,
    'together exactly the bound',
  );
  await until(async () => (await metricOf(app, 'detrails_admission_bytes')) === 60_000);
  const above = Buffer.from(recordOf(40_001));
  const refused = await waits.ask(head('/v1/enrich', above), above);

  assertRefused(refused, 503, 'overloaded');
  assert.match(refused.headers.get('retry-after') ?? '', /^[1-9]\d*$/);
  large.socket.write(first.subarray(1));
  assert.equal((await large.answer()).status, 200, 'what was in work is not harmed');
  assert.equal((await post(t, port, third)).status, 200);
});

test('a path that is not there reads and parses nothing', async (t) => {
  const { port } = await listenTestApp(t, { DETRAILS_MAX_BODY_BYTES: '1000' });

  assertRefused(await post(t, port, 'no json', { path: '/v2/enrich' }), 404, 'not_found');
  assertRefused(await post(t, port, 'x'.repeat(2000), { path: '/v2/enrich' }), 404, 'not_found');
  assertRefused(await post(t, port, 'no json', { path: '/livez' }), 405, 'method_not_allowed');
});

test('what is no HTTP is told so, as a problem', async (t) => {
  const { port } = await listenTestApp(t);
  const connection = await open(t, port);
  connection.socket.write('\x16\x03\x01 hello, TLS?\r\n\r\n');

  assertRefused(await connection.answer(), 400, 'malformed_request');
});

test('lengths that contradict each other are refused, so that no request hides in another', async (t) => {
  const { port } = await listenTestApp(t);
  const smuggled = 'GET /metrics HTTP/1.1\r\nhost: detrails\r\n\r\n';

  for (const more of [['transfer-encoding: chunked'], ['content-length: 7']]) {
    const answer = await post(t, port, `0\r\n\r\n${smuggled}`, { more });
    assertRefused(answer, 400, 'malformed_request');
  }
});

function connections(server: {
  getConnections(done: (error: Error | null, count: number) => void): unknown;
}): Promise<number> {
  return new Promise((resolve, reject) => {
    server.getConnections((error, count) => (error === null ? resolve(count) : reject(error)));
  });
}
