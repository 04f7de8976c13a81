import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { decompress, isPacked, mostUnpackedBytes } from '../../src/http/decompress.ts';
import { sampleRecord } from '../helpers/sample-record.ts';
import { buildTestApp } from '../helpers/test-app.ts';

const LIMITS = { maxBytes: 10_000_000, maxRatio: 100 };

test('allows a body to grow by the ratio, a small one to a mebibyte, none beyond the size', () => {
  assert.equal(mostUnpackedBytes(10, LIMITS), 1024 * 1024);
  assert.equal(mostUnpackedBytes(50_000, LIMITS), 5_000_000);
  assert.equal(mostUnpackedBytes(500_000, LIMITS), 10_000_000);
  assert.equal(mostUnpackedBytes(10, { maxBytes: 1000, maxRatio: 100 }), 1000);
});

test('lets plain bodies pass at once', () => {
  assert.equal(isPacked(Buffer.from('{}'), undefined), false);
  assert.equal(isPacked(Buffer.from('{}'), 'identity'), true);
  assert.equal(isPacked(gzipSync('{}'), undefined), true);
});

test('unpacks to the limit and not a byte beyond, small bodies at once and large ones in the pool', async () => {
  for (const length of [1000, 2_000_000]) {
    const body = gzipSync(Buffer.from(Array.from({ length }, (_none, n) => (n * 7919) >>> 3)));
    const limits = { maxBytes: length, maxRatio: 1_000_000 };

    assert.equal((await decompress(body, undefined, limits)).length, length);
    await assert.rejects(decompress(body, undefined, { ...limits, maxBytes: length - 1 }), {
      code: 'decompressed_too_large',
    });
  }
});

/** An app in which one body at a time may be unpacked, for no time at all or for as long as it takes. */
function narrowApp(t: TestContext, waitMs: string) {
  return buildTestApp(t, {
    DETRAILS_MAX_BODY_BYTES: '100000',
    DETRAILS_ADMISSION_BYTES: '1200000',
    DETRAILS_ADMISSION_WAIT_MS: waitMs,
  });
}

test('unpacks one after the other what would be too much at once', async (t) => {
  const app = await narrowApp(t, '30000');
  const payload = gzipSync(`[${Array.from({ length: 3000 }, (_none, n) => sampleRecord(n)).join(',')}]`);
  const headers = { 'content-type': 'application/gzip' };

  const answers = await Promise.all(
    Array.from({ length: 8 }, () => app.inject({ method: 'POST', url: '/v1/enrich', headers, payload })),
  );

  for (const answer of answers) {
    assert.equal(answer.statusCode, 200);
    assert.equal(answer.headers['detrails-records'], '3000');
  }
});

test('gives room back after bodies that do not unpack', async (t) => {
  const app = await narrowApp(t, '30000');
  const ask = (payload: Buffer) =>
    app.inject({
      method: 'POST',
      url: '/v1/enrich',
      headers: { 'content-type': 'application/gzip' },
      payload,
    });

  for (let times = 0; times < 5; times++) {
    assert.equal((await ask(gzipSync(Buffer.alloc(5_000_000)))).statusCode, 413);
    assert.equal((await ask(gzipSync('[]').subarray(0, 12))).statusCode, 400);
  }

  assert.equal((await ask(gzipSync(sampleRecord()))).statusCode, 200);
});

test('refuses to unpack when the room for it stays taken', async (t) => {
  const app = await narrowApp(t, '0');
  const payload = gzipSync(`[${Array.from({ length: 3000 }, (_none, n) => sampleRecord(n)).join(',')}]`);
  const headers = { 'content-type': 'application/gzip' };

  const answers = await Promise.all(
    Array.from({ length: 8 }, () => app.inject({ method: 'POST', url: '/v1/enrich', headers, payload })),
  );

  const statuses = answers.map(({ statusCode }) => statusCode);
  assert.equal(statuses[0], 200);
  assert.ok(statuses.includes(503), statuses.join());
  assert.ok(statuses.every((status) => status === 200 || status === 503));
});
