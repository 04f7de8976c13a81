import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { AnalyzeOptions, PolicyAnalysis, PolicyChange } from '../../src/iam/analysis.ts';
import { analyzePolicy } from '../../src/iam/analyze-policy.ts';
import { compareAnalyses } from '../../src/iam/compare-analyses.ts';
import { knowledge } from './knowledge.ts';

const trustOf = (account: string): object => ({
  Effect: 'Allow',
  Action: 'sts:AssumeRole',
  Principal: { AWS: account },
});
const allow = (action: unknown, resource: unknown = '*', more: object = {}): object => ({
  Effect: 'Allow',
  Action: action,
  Resource: resource,
  ...more,
});
const mfa = { Condition: { Bool: { 'aws:MultiFactorAuthPresent': 'true' } } };

const cases: readonly (readonly [string, PolicyChange['verdict'], readonly object[], readonly object[]])[] = [
  ['an action more', 'broadened', [allow('s3:GetObject')], [allow(['s3:GetObject', 'iam:PassRole'])]],
  ['an action less', 'narrowed', [allow(['s3:GetObject', 'iam:PassRole'])], [allow('s3:GetObject')]],
  ['one for another', 'mixed', [allow('s3:GetObject')], [allow('iam:PassRole')]],
  [
    'the same in other words',
    'unchanged',
    [allow('S3:getobject')],
    [allow(['s3:GetObject', 's3:GetObject'])],
  ],
  [
    'from one bucket to all',
    'broadened',
    [allow('s3:GetObject', 'arn:aws:s3:::b/*')],
    [allow('s3:GetObject')],
  ],
  [
    'from one bucket to another',
    'mixed',
    [allow('s3:GetObject', 'arn:aws:s3:::b/*')],
    [allow('s3:GetObject', 'arn:aws:s3:::c/*')],
  ],
  [
    'one bucket more',
    'broadened',
    [allow('s3:GetObject', 'arn:aws:s3:::b/*')],
    [allow('s3:GetObject', ['arn:aws:s3:::c/*', 'arn:aws:s3:::b/*'])],
  ],
  ['a condition dropped', 'broadened', [allow('iam:PassRole', '*', mfa)], [allow('iam:PassRole')]],
  ['a condition added', 'narrowed', [allow('iam:PassRole')], [allow('iam:PassRole', '*', mfa)]],
  [
    'a Deny added',
    'narrowed',
    [allow('s3:*')],
    [allow('s3:*'), { ...allow('s3:GetObject'), Effect: 'Deny' }],
  ],
  [
    'a conditional Deny dropped',
    'broadened',
    [allow('s3:*'), { ...allow('s3:*', '*', mfa), Effect: 'Deny' }],
    [allow('s3:*')],
  ],
  [
    'a Deny of what nobody allows',
    'unchanged',
    [allow('s3:*')],
    [allow('s3:*'), { ...allow('sqs:*', '*', mfa), Effect: 'Deny' }],
  ],
  [
    'an exception less',
    'broadened',
    [{ Effect: 'Allow', Action: 's3:*', NotResource: 'arn:aws:s3:::b' }],
    [allow('s3:*')],
  ],
  [
    'another exception',
    'mixed',
    [{ Effect: 'Allow', Action: 's3:*', NotResource: 'arn:aws:s3:::b' }],
    [{ Effect: 'Allow', Action: 's3:*', NotResource: 'arn:aws:s3:::c' }],
  ],
  [
    'an action nobody knows yet',
    'broadened',
    [allow('s3:GetObject')],
    [allow(['s3:GetObject', 's3:FlyToTheMoon'])],
  ],
  [
    'a principal more',
    'broadened',
    [trustOf('210987654321')],
    [trustOf('210987654321'), trustOf('310987654321')],
  ],
  [
    'a principal less',
    'narrowed',
    [trustOf('210987654321'), trustOf('310987654321')],
    [trustOf('210987654321')],
  ],
  [
    'an external id dropped',
    'mixed',
    [{ ...trustOf('210987654321'), Condition: { StringEquals: { 'sts:ExternalId': 'x' } } }],
    [trustOf('210987654321')],
  ],
];

describe('comparison of two versions', () => {
  for (const [name, verdict, before, after] of cases) {
    test(`${name}: ${verdict}`, () => {
      assert.equal(compareAnalyses(analyze(before), analyze(after), knowledge).verdict, verdict);
    });
  }
});

test('the change names findings, counts actions and lists the risky ones', () => {
  const change = compareAnalyses(
    analyze([allow('s3:ListBucket')]),
    analyze([allow(['s3:ListBucket', 'iam:CreateAccessKey', 's3:PutObject'])]),
    knowledge,
  );

  assert.deepEqual([change.addedActions, change.removedActions], [2, 0]);
  assert.deepEqual(change.addedRiskyActions, ['iam:CreateAccessKey']);
  assert.ok(change.addedFindings.some(({ path }) => path === 'iam-002'));
  assert.deepEqual(change.removedFindings, []);
  assert.ok(Object.isFrozen(change) && Object.isFrozen(change.addedFindings));
});

test('what could not be analyzed, or was made with other knowledge, is unknown', () => {
  const good = analyze([allow('s3:GetObject')]);
  const other = { ...good, grants: { ...good.grants, catalog: 'other' } };

  for (const [a, b] of [
    [good, analyzePolicy('x', {}, knowledge)],
    [analyzePolicy('x', {}, knowledge), good],
    [good, other],
    [other, other],
  ] as const) {
    assert.equal(compareAnalyses(a, b, knowledge).verdict, 'unknown');
  }
});

test('lists cut at their bound are unknown where they differ, and where they may', () => {
  const many = Array.from({ length: 300 }, (_, i) => `arn:aws:s3:::bucket-${i}/*`);
  const cut = analyze([allow('s3:GetObject', many)]);

  assert.equal(cut.grants.complete, false);
  assert.equal(compareAnalyses(cut, cut, knowledge).verdict, 'unchanged');
  assert.equal(compareAnalyses(cut, analyze([allow('s3:GetObject', many)]), knowledge).verdict, 'unknown');
  assert.equal(compareAnalyses(cut, analyze([allow('s3:*')]), knowledge).verdict, 'unknown');
});

function analyze(statements: readonly object[], options: AnalyzeOptions = {}): PolicyAnalysis {
  return analyzePolicy({ Statement: statements }, { accountId: '123456789012', ...options }, knowledge);
}
