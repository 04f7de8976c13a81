import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:https';
import { connect } from 'node:net';
import { type TestContext, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { BufferPool } from '../../src/http/buffer-pool.ts';
import { RecordGenerator } from '../bench/generate.ts';
import { hasOpenssl, pem, TestAuthority } from '../helpers/certificates.ts';
import { temporaryFolder } from '../helpers/key-file.ts';
import { buildTestApp, until } from '../helpers/test-app.ts';

const KIB = 1024;
const BOUND = 4 * KIB * KIB;

/** Writes over everything that is given back, at once. */
class PoisonedPool extends BufferPool {
  reused = 0;

  override giveBack(buffer: Buffer): void {
    if (this.isLent(buffer)) {
      this.reused++;
      new Uint8Array(buffer.buffer).fill(0xaa);
    }
    super.giveBack(buffer);
  }
}

test('memory that was given back is used again, for a body of about the size', () => {
  const pool = new BufferPool(BOUND);
  const first = pool.take(100 * KIB);
  pool.giveBack(first);

  assert.equal(pool.take(70 * KIB).buffer, first.buffer);
  assert.notEqual(pool.take(70 * KIB).buffer, first.buffer);
});

test('memory that is given back twice is lent once', () => {
  const pool = new BufferPool(BOUND);
  const buffer = pool.take(100 * KIB);
  pool.giveBack(buffer);
  pool.giveBack(buffer);

  assert.notEqual(pool.take(100 * KIB).buffer, pool.take(100 * KIB).buffer);
});

test("memory that is not the pool's is left alone", () => {
  const pool = new BufferPool(BOUND);
  const foreign = Buffer.alloc(128 * KIB);
  pool.giveBack(foreign);
  pool.giveBack(Buffer.alloc(0));

  assert.equal(pool.isLent(foreign), false);
  assert.notEqual(pool.take(128 * KIB).buffer, foreign.buffer);
});

test('more idle memory than the bound is let go, the longest unused first', () => {
  const pool = new BufferPool(256 * KIB);
  const [first, second, third] = [pool.take(128 * KIB), pool.take(128 * KIB), pool.take(128 * KIB)];
  for (const buffer of [first, second, third]) pool.giveBack(buffer);
  const again = [pool.take(128 * KIB), pool.take(128 * KIB), pool.take(128 * KIB)].map(
    ({ buffer }) => buffer,
  );

  assert.deepEqual([again[0] === third.buffer, again[1] === second.buffer], [true, true]);
  assert.notEqual(again[2], first.buffer);
});

test('idle buffers are few enough to be looked through, however small they are', () => {
  const pool = new BufferPool(BOUND);
  const lent = Array.from({ length: 300 }, () => pool.take(5 * KIB));
  for (const buffer of lent) pool.giveBack(buffer);

  const memories = new Set(lent.map(({ buffer }) => buffer));
  const again = Array.from({ length: 300 }, () => pool.take(5 * KIB));

  assert.equal(again.filter(({ buffer }) => memories.has(buffer)).length, 256);
});

test('whatever is taken and given back, nobody writes into what somebody else holds', () => {
  const step = fc.oneof(
    fc.record({ take: fc.integer({ min: 0, max: 600 * KIB }) }),
    fc.record({ give: fc.nat(20) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const pool = new PoisonedPool(BOUND);
      const held: { buffer: Buffer; mark: number }[] = [];
      steps.forEach((each, mark) => {
        if ('take' in each) {
          const buffer = pool.take(each.take).fill(mark);
          assert.equal(buffer.length, each.take);
          held.push({ buffer, mark });
        } else if (held.length > 0) {
          for (const { buffer } of held.splice(each.give % held.length, 1)) pool.giveBack(buffer);
        }
        for (const { buffer, mark: own } of held) assert.ok(buffer.every((byte) => byte === own));
      });
    }),
    { numRuns: 30 },
  );
});

test('answers are the same when all memory that was given back is written over', async (t) => {
  const poisoned = new PoisonedPool(BOUND);
  const send = await sender(t, poisoned);
  const sendPlain = await sender(t, new BufferPool(0));
  const generator = new RecordGenerator(11);
  for (const [at, count] of [150, 90, 1100, 60, 400, 1100, 70, 700, 150, 90].entries()) {
    const records = Array.from({ length: count }, () => JSON.parse(generator.next()));
    const body = at % 3 === 2 ? records.map((r) => JSON.stringify(r)).join('\n') : JSON.stringify(records);
    const type = at % 3 === 2 ? 'application/x-ndjson' : 'application/json';

    assert.equal(await send(body, type), await sendPlain(body, type));
  }
  assert.ok(poisoned.reused > 10, `${poisoned.reused} buffers were given back`);
});

test('bodies that cross one another, and clients that leave, get nothing of others', async (t) => {
  const poisoned = new PoisonedPool(BOUND);
  const app = await buildTestApp(t, {}, { buffers: poisoned });
  const send = await sender(t, poisoned, app);
  const { port } = app.server.address() as { port: number };
  const clients = Array.from({ length: 6 }, async (_, client) => {
    for (let round = 0; round < 5; round++) {
      const records = recordsOf(`${client}-${round}`, 100 + 90 * ((client * 3 + round) % 7));
      const body = JSON.stringify(records);
      if ((client + round) % 4 === 0) await leave(port, body);
      const answer = JSON.parse(await send(body, 'application/json')) as Record<string, unknown>[];

      assert.deepEqual(withoutOurs(answer), records);
    }
  });
  await Promise.all(clients);
  await until(async () => poisoned.reused > 10);
});

test('a client that reads slowly over TLS gets its own answers while others take the memory', {
  skip: !hasOpenssl() && 'openssl makes the certificates, and is not here',
}, async (t) => {
  const folder = temporaryFolder(t);
  const authority = new TestAuthority(folder, 'authority');
  const { cert, key } = authority.issue('server');
  const poisoned = new PoisonedPool(BOUND);
  const app = await buildTestApp(
    t,
    { DETRAILS_TLS_CERT_FILE: cert, DETRAILS_TLS_KEY_FILE: key },
    { buffers: poisoned },
  );
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as { port: number };
  const ca = pem(authority.cert);
  await Promise.all(
    Array.from({ length: 4 }, async (_, client) => {
      for (let round = 0; round < 4; round++) {
        const records = recordsOf(`${client}-${round}`, 300 + 100 * client);
        const answer = JSON.parse(await askSlowly(port, ca, JSON.stringify(records)));
        assert.deepEqual(withoutOurs(answer), records);
      }
    }),
  );
  await until(async () => poisoned.reused > 10);
});

/** Posts over a connection of its own and reads the answer piece by piece, a turn of the event loop apart. */
function askSlowly(port: number, ca: string, body: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const asked = request(
      { host: '127.0.0.1', port, path: '/v1/enrich', method: 'POST', agent: false, ca },
      async (answer) => {
        const pieces: Buffer[] = [];
        for await (const piece of answer) {
          pieces.push(piece as Buffer);
          await setImmediate();
        }
        resolve(Buffer.concat(pieces).toString());
      },
    );
    asked.setHeader('content-type', 'application/json');
    asked.on('error', reject).end(body);
  });
}

function recordsOf(prefix: string, count: number): Record<string, unknown>[] {
  return Array.from({ length: count }, (_each, n) => ({
    eventSource: 's3.amazonaws.com',
    eventName: 'GetObject',
    eventID: `${prefix}-${n}`,
    requestParameters: { key: prefix.charAt(0).repeat(900) },
  }));
}

function withoutOurs(answer: readonly Record<string, unknown>[]): Record<string, unknown>[] {
  return answer.map(({ detrails: _detrails, threat: _threat, ...record }) => record);
}

type App = Awaited<ReturnType<typeof buildTestApp>>;

async function sender(t: TestContext, buffers: BufferPool, app?: App) {
  const served = app ?? (await buildTestApp(t, {}, { buffers }));
  const url = await served.listen({ host: '127.0.0.1', port: 0 });
  return async (body: string, type: string): Promise<string> => {
    const answer = await fetch(`${url}/v1/enrich`, {
      method: 'POST',
      headers: { 'content-type': type },
      body,
    });
    assert.equal(answer.status, 200);
    return answer.text();
  };
}

/** Sends a body, waits for the first bytes of its answer and resets the connection. */
async function leave(port: number, body: string): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  socket.write(
    `POST /v1/enrich HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
  );
  await once(socket, 'data');
  socket.resetAndDestroy();
}
