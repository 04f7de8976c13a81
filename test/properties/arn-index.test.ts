import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { buildArnIndex, splitArn } from '../../src/context/arn-index.ts';
import { matchesWildcard } from '../../src/context/wildcard.ts';

const text = (characters: string): fc.Arbitrary<string> =>
  fc.array(fc.constantFrom(...characters), { maxLength: 8 }).map((parts) => parts.join(''));
const account = fc.constantFrom('111122223333', '444455556666', '*', '1111*');

test('a wildcard pattern matches exactly what the same regular expression would', () => {
  fc.assert(
    fc.property(text('ab*?'), text('ab'), (pattern, value) => {
      const source = [...pattern].map((c) => (c === '*' ? '.*' : c === '?' ? '.' : c)).join('');

      assert.equal(matchesWildcard(pattern, value), new RegExp(`^${source}$`).test(value));
    }),
  );
});

test('the index answers what trying every pattern in order would', () => {
  const pattern = fc.tuple(account, text('ab/*?')).map(([id, name]) => `arn:aws:iam::${id}:role/${name}`);
  const arn = fc.tuple(account, text('ab/')).map(([id, name]) => `arn:aws:iam::${id}:role/${name}`);
  fc.assert(
    fc.property(fc.array(pattern, { maxLength: 20 }), arn, (patterns, wanted) => {
      const index = buildArnIndex(patterns.map((each, order) => [each, { order }] as const));
      const parts = splitArn(wanted) ?? [];
      const first = patterns.findIndex((each) =>
        (splitArn(each) ?? []).every((part, at) => matchesWildcard(part, parts[at] ?? '')),
      );

      assert.equal(index.match(wanted)?.order ?? -1, first);
    }),
  );
});
