import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildArnIndex } from '../../src/context/arn-index.ts';
import { matchesWildcard } from '../../src/context/wildcard.ts';
import { readCases } from '../read-cases.ts';

type Input = { readonly patterns: readonly string[]; readonly arn: string };

for (const { name, why, input, expected } of readCases<Input, number | null>('context/arn-patterns.json')) {
  test(`matches ${name}`, () => {
    const index = buildArnIndex(input.patterns.map((pattern, order) => [pattern, { order }] as const));

    assert.equal(index.match(input.arn)?.order ?? null, expected, why);
  });
}

test('an ARN longer than AWS issues matches nothing, not even a star', () => {
  const index = buildArnIndex([['arn:aws:iam::*:*', true as const]]);

  assert.equal(index.match(`arn:aws:iam::111122223333:role/${'a'.repeat(3000)}`), undefined);
});

test('a pattern of many stars against a long hostile text ends', () => {
  assert.equal(matchesWildcard('*a*a*a*a*a*a*a*b', 'a'.repeat(2048)), false);
});
