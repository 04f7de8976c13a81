import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { AT_ONCE_BYTES, gatherPieces } from '../../src/http/enrich-answer.ts';
import { RecordGenerator } from '../bench/generate.ts';
import { RawConnection } from '../contract/raw-http.ts';
import { countHandled } from '../helpers/count-handled.ts';
import { listenTestApp } from '../helpers/test-app.ts';

const SMALL = 16 * 1024;
const sizes = fc.array(
  fc.oneof(fc.integer({ min: 0, max: 400 }), fc.integer({ min: SMALL - 2, max: SMALL + 2 })),
  { maxLength: 80 },
);

test('puts small pieces together: the same bytes, and never two small ones in a row', () => {
  fc.assert(
    fc.property(sizes, fc.constantFrom(1, 40), (lengths, factor) => {
      const chunks = lengths.map((length, at) => Buffer.alloc(length * factor, at));

      const pieces = [...gatherPieces(chunks)];

      assert.ok(Buffer.concat(pieces).equals(Buffer.concat(chunks)));
      for (const [at, piece] of pieces.entries()) {
        assert.ok(piece.length > 0);
        assert.ok(at === 0 || Math.max(piece.length, pieces[at - 1]?.length ?? 0) >= SMALL);
      }
    }),
  );
});

test('copies no piece that is large', () => {
  const large: Buffer[] = [Buffer.alloc(SMALL), Buffer.alloc(5 * SMALL)];
  const pieces = [...gatherPieces([Buffer.from('a'), ...large, Buffer.from('b')])];

  assert.deepEqual(
    pieces.map((piece) => large.indexOf(piece)),
    [-1, 0, 1, -1],
  );
});

test('answers of every size come whole: at once, in pieces, and streamed', async (t) => {
  const { port } = await listenTestApp(t);
  const connection = await RawConnection.open(port);
  t.after(() => connection.close());
  const generator = new RecordGenerator(11);
  const answered: number[] = [];

  for (const [count, type] of [
    [1, 'application/json'],
    [600, 'application/json'],
    [600, 'application/x-ndjson'],
    [3500, 'application/json'],
    [3500, 'application/x-ndjson'],
  ] as const) {
    const records = Array.from({ length: count }, () => generator.next());
    const body = Buffer.from(type === 'application/json' ? `[${records.join(',')}]` : records.join('\n'));
    const head = [
      'POST /v1/enrich HTTP/1.1',
      'host: detrails',
      `content-type: ${type}`,
      `content-length: ${body.length}`,
    ];
    const answer = (await connection.ask(head, body)).body;
    answered.push(answer.length);
    const texts = type === 'application/json' ? undefined : answer.toString().split('\n');
    const items = (texts?.map((text) => JSON.parse(text)) ?? JSON.parse(answer.toString())) as object[];
    assert.deepEqual(
      items.map((item) => ({ ...item, detrails: undefined, threat: undefined })),
      records.map((text) => ({ ...JSON.parse(text), detrails: undefined, threat: undefined })),
    );
  }
  assert.deepEqual(
    answered.map((length) => length > AT_ONCE_BYTES),
    [false, false, false, true, true],
  );
});

test('an answer far larger than its body is streamed to whoever is answered before the framework', async (t) => {
  const { port } = await listenTestApp(t);
  const connection = await RawConnection.open(port);
  t.after(() => connection.close());
  const handled = countHandled(t);
  const body = Buffer.from(`[${'{},'.repeat(80_000)}{}]`);
  const head = [
    'POST /v1/enrich HTTP/1.1',
    'host: detrails',
    'content-type: application/json',
    `content-length: ${body.length}`,
  ];

  const answer = await connection.ask(head, body);

  assert.equal(handled(), 0);
  assert.ok(answer.body.length > AT_ONCE_BYTES);
  assert.equal(answer.headers.get('detrails-errors'), '80001');
  assert.equal((JSON.parse(answer.body.toString()) as object[]).length, 80_001);
});
