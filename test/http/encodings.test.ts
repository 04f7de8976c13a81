import assert from 'node:assert/strict';
import { test } from 'node:test';
import zlib, { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { sampleRecord } from '../helpers/sample-record.ts';
import { buildTestApp } from '../helpers/test-app.ts';

const BODY = Buffer.from(`{"Records":[${[1, 2, 3].map((n) => sampleRecord(n)).join(', ')}]}`);
/** Long enough that unpacking goes through the thread pool. */
const LONG = Buffer.from(
  `[${Array.from({ length: 2000 }, (_none, n) => sampleRecord(n, { pad: Math.sqrt(n) })).join(',')}]`,
);

const zstd = (zlib as { zstdCompressSync?: (body: Buffer) => Buffer }).zstdCompressSync;

type Encoding = readonly [name: string, header: string | undefined, encode: (body: Buffer) => Buffer];
const ENCODINGS: readonly Encoding[] = [
  ['nothing', undefined, (body) => body],
  ['identity', 'identity', (body) => body],
  ['gzip', 'gzip', gzipSync],
  ['gzip in capitals', 'GZIP', gzipSync],
  ['x-gzip', 'x-gzip', gzipSync],
  ['gzip by its magic number', undefined, gzipSync],
  ['deflate with a zlib header', 'deflate', deflateSync],
  ['a bare deflate stream', 'deflate', deflateRawSync],
  ['brotli', 'br', brotliCompressSync],
  ['a gzip file sent with gzip', 'gzip', (body) => gzipSync(gzipSync(body))],
  ['a gzip file sent with brotli', 'br', (body) => brotliCompressSync(gzipSync(body))],
  ['two encodings', 'deflate, gzip', (body) => gzipSync(deflateSync(body))],
  [
    'two gzip members',
    undefined,
    (body) => Buffer.concat([gzipSync(body.subarray(0, 9)), gzipSync(body.subarray(9))]),
  ],
  ...(zstd === undefined ? [] : [['zstd', 'zstd', zstd] as const]),
];

for (const [name, header, encode] of ENCODINGS) {
  test(`unpacks ${name}`, async (t) => {
    const app = await buildTestApp(t);
    for (const body of [BODY, LONG]) {
      const plain = await app.inject({
        method: 'POST',
        url: '/v1/enrich',
        headers: { 'content-type': 'text/plain' },
        payload: body,
      });

      const answer = await app.inject({
        method: 'POST',
        url: '/v1/enrich',
        headers: {
          'content-type': 'application/json',
          ...(header !== undefined && { 'content-encoding': header }),
        },
        payload: encode(body),
      });

      assert.equal(answer.statusCode, 200, answer.body.slice(0, 300));
      assert.equal(answer.headers['content-encoding'], undefined);
      assert.equal(answer.body, plain.body);
    }
  });
}

test('says what zstd needs where this Node has none', {
  skip: zstd !== undefined && 'this Node has zstd',
}, async (t) => {
  const app = await buildTestApp(t);

  const answer = await app.inject({
    method: 'POST',
    url: '/v1/enrich',
    headers: { 'content-type': 'application/json', 'content-encoding': 'zstd' },
    payload: BODY,
  });

  assert.equal(answer.statusCode, 415);
  assert.match(answer.body, /zstd needs Node 22\.15 or newer/);
});

for (const type of [
  'application/json',
  'application/json; charset=utf-8',
  'APPLICATION/JSON',
  'application/vnd.aws+json',
  'application/cloudevents+json; charset=utf-8',
  'text/plain',
  'text/plain;charset=UTF-8',
  'application/gzip',
  'application/x-gzip',
  'application/octet-stream',
  'application/x-ndjson',
  'application/ndjson',
  'application/jsonl',
  'application/x-jsonlines',
]) {
  test(`reads ${type}, plain and as a gzip file`, async (t) => {
    const app = await buildTestApp(t);
    for (const payload of [BODY, gzipSync(BODY)]) {
      const answer = await app.inject({
        method: 'POST',
        url: '/v1/enrich',
        headers: { 'content-type': type },
        payload,
      });

      assert.equal(answer.statusCode, 200, answer.body);
      assert.equal(answer.headers['detrails-records'], '3');
      const isLines = /ndjson|jsonl/.test(type);
      assert.equal(answer.headers['content-type'], isLines ? 'application/x-ndjson' : 'application/json');
    }
  });
}
