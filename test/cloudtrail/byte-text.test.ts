import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { bytesOf, byteText } from '../../src/cloudtrail/byte-text.ts';

test('a byte text has one character for each byte of the text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const bytes = byteText(text);

      assert.equal(bytes.length, Buffer.byteLength(text));
      assert.deepEqual(bytesOf(bytes), Buffer.from(text));
    }),
  );
});

test('an ASCII text is its own byte text', () => {
  fc.assert(fc.property(fc.string({ unit: 'grapheme-ascii' }), (text) => assert.equal(byteText(text), text)));
});
