import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { PolicyAnalysis } from '../../src/iam/analysis.ts';
import { analyzePolicy } from '../../src/iam/analyze-policy.ts';
import { compareAnalyses } from '../../src/iam/compare-analyses.ts';
import { packAnalysis, unpackAnalysis } from '../../src/iam/pack-analysis.ts';
import { widerPlaces } from '../../src/iam/wider-parts.ts';
import { knowledge } from '../iam/knowledge.ts';
import { globMatches } from '../iam/oracle.ts';

/** Laws of what a version says of the parts of the world that hold one another. */

const piece = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?', '-'), minLength: 1, maxLength: 3 });
const where = fc
  .tuple(
    fc.constantFrom('arn:aws:s3:::', 'arn:aws:iam::123456789012:role/', 'arn:aws:sqs:*:*:', 'arn:', 'x:'),
    fc.array(piece, { maxLength: 4 }),
    fc.constantFrom('/', ':'),
  )
  .map(([start, pieces, separator]) => start + pieces.join(separator));

test('a wider resource matches all that the resource matches', () => {
  // Each wildcard of the narrower one in turn as some text; the wider has to match it.
  const filling = fc.array(fc.constantFrom('', 'a', '/', ':', 'ab/c'), { minLength: 8, maxLength: 8 });

  fc.assert(
    fc.property(where, filling, (narrow, fillings) => {
      let next = 0;
      const text = narrow.replace(/[*?]/g, (wildcard) =>
        wildcard === '?' ? 'q' : (fillings[next++ % fillings.length] ?? ''),
      );
      assert.ok(globMatches(narrow, text));

      for (const place of widerPlaces({ who: undefined, where: narrow, limit: '' })) {
        assert.ok(globMatches(place.where, text), `${place.where} for ${narrow}: ${text}`);
        assert.notEqual(place.where, narrow);
      }
    }),
    { numRuns: 1000 },
  );
});

const principal = fc.constantFrom<unknown>(
  '*',
  { AWS: '210987654321' },
  { AWS: 'arn:aws:iam::210987654321:role/reader' },
  { AWS: ['310987654321', 'arn:aws:iam::210987654321:root'] },
  { Service: 'logs.amazonaws.com' },
);
const resource = fc.constantFrom<unknown>('*', 'arn:aws:s3:::b/*', 'arn:aws:s3:::b/x/*', [
  'arn:aws:s3:::b',
  'arn:aws:s3:::b/x/y/*',
]);
const action = fc.constantFrom<unknown>('s3:GetObject', ['s3:PutObject', 's3:GetObject'], 's3:*', 's3:List*');
const condition = fc.constantFrom<object>(
  {},
  { Condition: { Bool: { 'aws:MultiFactorAuthPresent': 'true' } } },
  { Condition: { StringEquals: { 'aws:PrincipalOrgID': 'o-1' } } },
);
type Allow = { readonly Principal?: unknown; readonly Resource: unknown; readonly Condition?: unknown };
const allowOf = (isResourcePolicy: boolean): fc.Arbitrary<Allow> =>
  fc.tuple(principal, resource, action, condition).map(([who, what, does, limit]) => ({
    Effect: 'Allow',
    ...(isResourcePolicy && { Principal: who }),
    Action: does,
    Resource: what,
    ...limit,
  }));

/** A policy of Allow statements, and the same with one of them widened on some of its sides. */
const widened = fc.boolean().chain((isResourcePolicy) =>
  fc
    .record({
      before: fc.array(allowOf(isResourcePolicy), { minLength: 1, maxLength: 3 }),
      at: fc.nat(2),
      who: fc.boolean(),
      what: fc.boolean(),
      limit: fc.boolean(),
      more: fc.option(allowOf(isResourcePolicy), { nil: undefined }),
    })
    .map(({ before, at, who, what, limit, more }) => {
      const after = before.map((one, index) => {
        if (index !== at % before.length) return one;
        const { Condition: kept, ...wide } = {
          ...one,
          ...(who && isResourcePolicy && { Principal: '*' }),
          ...(what && { Resource: '*' }),
        };
        return limit || kept === undefined ? wide : { ...wide, Condition: kept };
      });
      return { before, after: more === undefined ? after : [...after, more] };
    }),
);

test('a statement widened on any of its sides never takes anything away', () => {
  fc.assert(
    fc.property(widened, ({ before, after }) => {
      const [old, next] = [analyze(before), analyze(after)];

      assert.match(compareAnalyses(old, next, knowledge).verdict, /^(broadened|unchanged)$/);
      assert.match(compareAnalyses(next, old, knowledge).verdict, /^(narrowed|unchanged)$/);
      assert.equal(
        compareAnalyses(stored(old), stored(next), knowledge).verdict,
        compareAnalyses(old, next, knowledge).verdict,
      );
    }),
    { numRuns: 500 },
  );
});

function analyze(statements: readonly object[]): PolicyAnalysis {
  return analyzePolicy({ Statement: statements }, { accountId: '123456789012' }, knowledge);
}

/** As a shared store gives it back. */
function stored(analysis: PolicyAnalysis): PolicyAnalysis {
  const unpacked = unpackAnalysis(packAnalysis(analysis, knowledge), knowledge);
  assert.ok(unpacked !== undefined);
  return unpacked;
}
