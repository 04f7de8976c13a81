import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { RawConnection } from '../contract/raw-http.ts';
import { sampleRecord } from '../helpers/sample-record.ts';
import { listenTestApp, metricOf, until } from '../helpers/test-app.ts';

/** What only a real socket shows: connections that stay, bodies in pieces, answers in pieces. */

function head(body: Buffer | undefined, more: readonly string[] = []): string[] {
  const length = body === undefined ? [] : [`content-length: ${body.length}`];
  return ['POST /v1/enrich HTTP/1.1', 'host: detrails', 'content-type: application/json', ...length, ...more];
}

test('answers many requests on one connection, refusals among them', async (t) => {
  const { port } = await listenTestApp(t);
  const connection = await RawConnection.open(port);
  t.after(() => connection.close());
  const good = Buffer.from(sampleRecord());
  const statuses: number[] = [];

  for (const body of [good, Buffer.from('no json'), good, gzipSync(good), Buffer.from(''), good]) {
    const answer = await connection.ask(head(body), body);
    statuses.push(answer.status);
    assert.notEqual(answer.headers.get('connection'), 'close', 'the connection stays');
  }

  assert.deepEqual(statuses, [200, 400, 200, 200, 400, 200]);
});

test('keeps idle connections longer than clients do, and says so', async (t) => {
  const { app, port } = await listenTestApp(t);
  const connection = await RawConnection.open(port);
  t.after(() => connection.close());
  const body = Buffer.from(sampleRecord());

  const answer = await connection.ask(head(body), body);

  assert.equal(app.server.keepAliveTimeout, 120_000);
  assert.match(answer.headers.get('keep-alive') ?? '', /timeout=120/);
});

test('answers requests that were sent before their answers came, in order', async (t) => {
  const { port } = await listenTestApp(t);
  const connection = await RawConnection.open(port);
  t.after(() => connection.close());
  const bodies = [1, 2, 3].map((n) => Buffer.from(sampleRecord(n)));

  for (const body of bodies)
    connection.socket.write(Buffer.concat([Buffer.from(`${head(body).join('\r\n')}\r\n\r\n`), body]));

  for (const n of [1, 2, 3]) {
    const answer = await connection.answer();
    assert.equal((JSON.parse(answer.body.toString()) as { eventID: string }).eventID, `id-${n}`);
  }
});

test('reads a body that comes in chunks of no stated length', async (t) => {
  const { port } = await listenTestApp(t);
  const connection = await RawConnection.open(port);
  t.after(() => connection.close());
  const text = `[${sampleRecord(1)},${sampleRecord(2)}]`;
  const pieces = text.match(/[\s\S]{1,37}/g) ?? [];
  const chunked = `${pieces.map((piece) => `${piece.length.toString(16)}\r\n${piece}\r\n`).join('')}0\r\n\r\n`;

  const answer = await connection.ask(head(undefined, ['transfer-encoding: chunked']), Buffer.from(chunked));

  assert.equal(answer.status, 200);
  assert.equal(answer.headers.get('detrails-records'), '2');
});

test('answers in several chunks what it would answer in one', async (t) => {
  const { port } = await listenTestApp(t);
  const connection = await RawConnection.open(port);
  t.after(() => connection.close());
  const records = Array.from({ length: 3000 }, (_none, n) => sampleRecord(n, { pad: 'é'.repeat(n % 50) }));
  const batch = Buffer.from(`{"Records":[${records.join(',')}]}`);

  const answer = await connection.ask(head(batch), batch);
  const single = await connection.ask(head(Buffer.from(records[7] ?? '')), Buffer.from(records[7] ?? ''));

  assert.equal(answer.headers.get('content-length'), String(answer.body.length));
  assert.equal(answer.headers.get('detrails-records'), '3000');
  const appended = single.body.toString().slice((records[7] ?? '').length - 1, -1);
  const expected = records.map((record) => `${record.slice(0, -1)}${appended}}`).join(',');
  assert.equal(answer.body.toString(), `{"Records":[${expected}]}`);
});

test('answers lines in several chunks, each behind its own line', async (t) => {
  const { port } = await listenTestApp(t);
  const connection = await RawConnection.open(port);
  t.after(() => connection.close());
  const records = Array.from({ length: 2500 }, (_none, n) => sampleRecord(n));
  const body = Buffer.from(`${records.join('\n')}\n`);
  const request = head(body).map((line) => line.replace('application/json', 'application/x-ndjson'));

  const answer = await connection.ask(request, body);

  const lines = answer.body.toString().trimEnd().split('\n');
  assert.equal(answer.headers.get('content-type'), 'application/x-ndjson');
  assert.equal(lines.length, 2500);
  for (const [n, line] of lines.entries()) {
    assert.ok(line.startsWith(`${records[n]?.slice(0, -1)},"detrails":{`));
  }
});

test('refuses a body above the limit by its stated length and by what comes', async (t) => {
  const { port } = await listenTestApp(t, { DETRAILS_MAX_BODY_BYTES: '1000' });
  for (const [more, body] of [
    [[], Buffer.alloc(1001, 0x20)],
    [['transfer-encoding: chunked'], Buffer.from(`3e9\r\n${' '.repeat(1001)}\r\n0\r\n\r\n`)],
  ] as const) {
    const connection = await RawConnection.open(port);
    t.after(() => connection.close());

    const answer = await connection.ask(head(more.length === 0 ? body : undefined, more), body);

    assert.equal(answer.status, 413);
    assert.match(answer.body.toString(), /"code":"too_large"/);
  }
});

test('finishes the request in work when it closes', async (t) => {
  const { app, port } = await listenTestApp(t, {
    DETRAILS_MAX_BODY_BYTES: '100000',
    DETRAILS_ADMISSION_BYTES: '100000',
  });
  const connection = await RawConnection.open(port);
  t.after(() => connection.close());
  const body = Buffer.from(sampleRecord());
  connection.socket.write(`${head(body).join('\r\n')}\r\n\r\n`);
  connection.socket.write(body.subarray(0, 10));
  await until(async () => (await metricOf(app, 'detrails_admission_bytes')) === body.length);

  const closing = app.close();
  connection.socket.write(body.subarray(10));
  const answer = await connection.answer();

  assert.equal(answer.status, 200);
  connection.close();
  await closing;
});
