import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ByteCache } from '../../src/cloudtrail/byte-cache.ts';

const decode = (bytes: Buffer, start: number, end: number): string[] => [
  bytes.toString('latin1', start, end),
];

function look<Value>(
  cache: ByteCache<Value>,
  bytes: Buffer,
  [start, end]: readonly [number, number],
  make: (bytes: Buffer, start: number, end: number) => Value,
): Value {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return cache.get(bytes, view, start, end, make);
}

test('answers what decoding would, whatever shares its slots', () => {
  const cache = new ByteCache<string[]>(4, 64);
  const run = fc.oneof(
    fc.string({ unit: 'grapheme-ascii', maxLength: 4 }),
    fc.tuple(fc.constant('x'.repeat(100)), fc.nat(3)).map(([text, cut]) => text.slice(cut)),
    fc
      .tuple(fc.constantFrom('a', 'b'), fc.integer({ min: 40, max: 60 }))
      .map(([text, times]) => text.repeat(times)),
  );
  fc.assert(
    fc.property(fc.array(run, { maxLength: 20 }), (texts) => {
      for (const text of texts) {
        const bytes = Buffer.from(`"${text}"`, 'latin1');
        assert.deepEqual(look(cache, bytes, [1, bytes.length - 1], decode), [text]);
      }
    }),
  );
});

test('answers equal bytes with the identical value, wherever they lie', () => {
  for (const length of [4, 5, 6, 7, 8, 9, 255, 256, 257, 500]) {
    const cache = new ByteCache<string[]>(16, 500);
    const text = 'abcdefghij'.repeat(50).slice(0, length);

    const first = look(cache, Buffer.from(text), [0, length], decode);
    const second = look(cache, Buffer.from(`..${text}..`), [2, 2 + length], decode);

    assert.equal(second, first, `${length} bytes`);
  }
});

test('tells runs apart that differ in one byte', () => {
  const cache = new ByteCache<string[]>(2, 200);
  for (const length of [4, 7, 8, 200]) {
    for (const at of [0, 1, length >> 1, length - 2, length - 1]) {
      const bytes = Buffer.alloc(length, 'a');
      const other = Buffer.from(bytes);
      other[at] = 0x62;

      look(cache, bytes, [0, length], decode);

      assert.deepEqual(look(cache, other, [0, length], decode), [other.toString()]);
    }
  }
});

test('keeps no copy of the received memory and nothing that is too long', () => {
  const cache = new ByteCache<string[]>(2, 4);
  const bytes = Buffer.from('abcd');
  const first = look(cache, bytes, [0, 4], decode);
  bytes.fill('x');

  assert.equal(look(cache, Buffer.from('abcd'), [0, 4], decode), first);
  assert.notEqual(
    look(cache, Buffer.from('abcde'), [0, 5], decode),
    look(cache, Buffer.from('abcde'), [0, 5], decode),
  );
});
