import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseStoreUrl } from '../../src/store/store-url.ts';
import { readCases } from '../read-cases.ts';

for (const { name, input, expected } of readCases<string, unknown>('store/urls.json')) {
  test(`store URL: ${name}`, () => {
    assert.deepEqual(parseStoreUrl(input), expected);
  });
}

test('any text is a target or a fault that repeats none of it', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const target = parseStoreUrl(`redis://user:${encodeURIComponent('s3cret')}@${text}`);

      if ('fault' in target) assert.doesNotMatch(target.fault, /s3cret/);
    }),
  );
});
