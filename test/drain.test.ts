import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { RawConnection } from './contract/raw-http.ts';
import { sampleRecord } from './helpers/sample-record.ts';
import { eventually, type Service, spawnService } from './helpers/spawn-service.ts';
import { projectRoot } from './shared.ts';

/** How the process ends, and when it does not start: the real one, over real sockets. */

const BODY = Buffer.from(sampleRecord());

function head(body: Buffer): string[] {
  return [
    'POST /v1/enrich HTTP/1.1',
    'host: detrails',
    'content-type: application/json',
    `content-length: ${body.length}`,
  ];
}

async function open(t: TestContext, port: number): Promise<RawConnection> {
  const connection = await RawConnection.open(port);
  t.after(() => connection.close());
  return connection;
}

/** A request of which the last byte is still to come, known to be in work. */
async function startRequest(t: TestContext, service: Service, body = BODY): Promise<RawConnection> {
  const before = await gauge(service, 'detrails_http_requests_in_flight');
  const connection = await open(t, service.port);
  connection.socket.write(`${head(body).join('\r\n')}\r\n\r\n`);
  connection.socket.write(body.subarray(0, -1));
  await eventually(async () => (await gauge(service, 'detrails_http_requests_in_flight')) > before);
  return connection;
}

async function gauge({ port }: Service, name: string): Promise<number> {
  const answer = await fetch(`http://127.0.0.1:${port}/metrics`, { headers: { connection: 'close' } });
  return Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(await answer.text())?.[1]);
}

async function isRefused(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return false;
  } catch {
    return true;
  } finally {
    socket.destroy();
  }
}

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  test(`after ${signal} is not ready at once, finishes what is in work, and ends with 0`, async (t) => {
    const service = await spawnService(t);
    const kept = await open(t, service.port);
    const before = await kept.ask(head(BODY), BODY);
    assert.equal(before.headers.get('connection'), 'keep-alive');
    const inWork = await startRequest(t, service);

    service.process.kill(signal);
    await eventually(() => service.log().includes('"msg":"draining"'));
    const ready = await kept.ask(['GET /readyz HTTP/1.1', 'host: detrails'], Buffer.alloc(0));

    assert.equal(ready.status, 503);
    assert.equal(ready.body.toString(), 'draining\n');
    assert.equal(ready.headers.get('connection'), 'close');
    const newcomer = await open(t, service.port);
    const served = await newcomer.ask(head(BODY), BODY);
    assert.equal(served.status, 200, 'who comes while others are in work is served');
    assert.equal(served.headers.get('connection'), 'close');

    inWork.socket.write(BODY.subarray(-1));
    const answer = await inWork.answer();

    assert.equal(answer.status, 200);
    assert.match(answer.body.toString(), /"detrails":\{"schema":"1"/);
    assert.equal(answer.headers.get('connection'), 'close');
    assert.deepEqual(await service.exited, [0, null]);
    assert.match(service.log(), /"msg":"closed"/);
  });
}

test('lets nobody new in after a moment, while what is in work may go on', async (t) => {
  const service = await spawnService(t, { DETRAILS_DRAIN_MS: '4000' });
  const inWork = await startRequest(t, service);

  service.process.kill('SIGTERM');
  await eventually(() => isRefused(service.port));
  inWork.socket.write(BODY.subarray(-1));

  assert.equal((await inWork.answer()).status, 200);
  assert.deepEqual(await service.exited, [0, null]);
});

test('refuses, with when to come again, what completes only after nobody new is let in', async (t) => {
  const service = await spawnService(t, { DETRAILS_DRAIN_MS: '4000' });
  const inWork = await startRequest(t, service);
  const [late, probe] = [await open(t, service.port), await open(t, service.port)];
  late.socket.write(`${head(BODY).join('\r\n')}\r\n`);
  probe.socket.write('GET /livez HTTP/1.1\r\nhost: detrails\r\n');
  // A request behind them on another connection: by then their headers have arrived.
  await (await open(t, service.port)).ask(head(BODY), BODY);

  service.process.kill('SIGTERM');
  await eventually(() => isRefused(service.port));
  const refused = await late.ask(['x-last: 1'], BODY);
  const alive = await probe.ask(['x-last: 1'], Buffer.alloc(0));

  assert.equal(refused.status, 503);
  assert.match(refused.body.toString(), /"code":"draining"/);
  assert.equal(refused.headers.get('retry-after'), '1');
  assert.equal(refused.headers.get('connection'), 'close');
  assert.equal(alive.status, 200);
  inWork.socket.write(BODY.subarray(-1));
  assert.equal((await inWork.answer()).status, 200);
  assert.deepEqual(await service.exited, [0, null]);
});

test('finishes requests that wait for admission', async (t) => {
  const bound = { DETRAILS_MAX_BODY_BYTES: '20000', DETRAILS_ADMISSION_BYTES: '20000' };
  const service = await spawnService(t, bound);
  const large = Buffer.from(sampleRecord(1, { pad: 'x'.repeat(15_000) }));
  const inWork = await startRequest(t, service, large);
  const waiting = await open(t, service.port);
  waiting.socket.write(Buffer.concat([Buffer.from(`${head(large).join('\r\n')}\r\n\r\n`), large]));
  await eventually(async () => (await gauge(service, 'detrails_admission_waiting')) === 1);

  service.process.kill('SIGTERM');
  await eventually(() => service.log().includes('"msg":"draining"'));
  inWork.socket.write(large.subarray(-1));

  assert.equal((await inWork.answer()).status, 200);
  assert.equal((await waiting.answer()).status, 200);
  assert.deepEqual(await service.exited, [0, null]);
});

test('waits neither for idle connections nor for those that never send a whole header', async (t) => {
  const service = await spawnService(t);
  const idle = await open(t, service.port);
  await idle.ask(head(BODY), BODY);
  const silent = await open(t, service.port);
  const half = await open(t, service.port);
  half.socket.write('POST /v1/enrich HTTP/1.1\r\nhost:');
  // A request behind it on another connection: by then the half header has arrived.
  await (await open(t, service.port)).ask(head(BODY), BODY);

  const start = performance.now();
  service.process.kill('SIGTERM');

  assert.deepEqual(await service.exited, [0, null]);
  assert.ok(performance.now() - start < 10_000, 'long before DETRAILS_DRAIN_MS');
  for (const { socket } of [idle, silent, half]) if (!socket.closed) await once(socket, 'close');
});

test('ends with 1 when what is in work outlasts DETRAILS_DRAIN_MS', async (t) => {
  const service = await spawnService(t, { DETRAILS_DRAIN_MS: '300' });
  await startRequest(t, service);

  service.process.kill('SIGTERM');

  assert.deepEqual(await service.exited, [1, null]);
  assert.match(service.log(), /killed by timeout \(300ms\)/);
});

test('ends at once at a second signal', async (t) => {
  const service = await spawnService(t);
  await startRequest(t, service);

  service.process.kill('SIGTERM');
  await eventually(() => service.log().includes('"msg":"draining"'));
  service.process.kill('SIGTERM');

  assert.deepEqual(await service.exited, [1, null]);
  assert.match(service.log(), /second SIGTERM, exiting/);
});

test('logs an uncaught error without its words, finishes what is in work, and ends with 1', async (t) => {
  const fixture = new URL(`file://${projectRoot()}/test/fixtures/throw-on-signal.mjs`);
  const service = await spawnService(t, {}, ['--import', fixture.href]);
  const inWork = await startRequest(t, service);

  service.process.kill('SIGWINCH');
  await eventually(() => service.log().includes('uncaught error, draining'));
  inWork.socket.write(BODY.subarray(-1));

  assert.equal((await inWork.answer()).status, 200);
  assert.deepEqual(await service.exited, [1, null]);
  assert.match(service.log(), /"err":\{"type":"SyntaxError","stack":\["at JSON\.parse/);
  assert.match(service.log(), new RegExp(fileURLToPath(fixture).split('/').at(-1) ?? '-'));
  assert.doesNotMatch(service.log(), /planted-secret|eventSource/);
});

test('does not listen beyond loopback before somebody said who may call', async (t) => {
  for (const host of ['0.0.0.0', '::', '192.0.2.1', 'detrails.example']) {
    const service = await spawnService(t, { DETRAILS_HOST: host });

    assert.deepEqual(await service.exited, [1, null], host);
    assert.match(service.log(), /is open to others: set DETRAILS_AUTH/);
  }
  const aloud = await spawnService(t, { DETRAILS_HOST: '0.0.0.0', DETRAILS_AUTH: 'none' });
  assert.notEqual(aloud.port, 0);
});
