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
const ROLE = 'arn:aws:iam::210987654321:role/reader';
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
    'broadened',
    [{ ...trustOf('210987654321'), Condition: { StringEquals: { 'sts:ExternalId': 'x' } } }],
    [trustOf('210987654321')],
  ],
  [
    'an external id in place of another',
    'mixed',
    [{ ...trustOf('210987654321'), Condition: { StringEquals: { 'sts:ExternalId': 'x' } } }],
    [{ ...trustOf('210987654321'), Condition: { StringEquals: { 'sts:ExternalId': 'y' } } }],
  ],
  ['everybody in place of an account', 'broadened', [trustOf('210987654321')], [trustOf('*')]],
  ['an account in place of everybody', 'narrowed', [trustOf('*')], [trustOf('210987654321')]],
  ['everybody in place of a role', 'broadened', [trustOf(ROLE)], [trustOf('*')]],
  [
    'everybody in place of a role that had a condition',
    'broadened',
    [{ ...trustOf(ROLE), ...mfa }],
    [trustOf('*')],
  ],
  [
    'everybody under a condition in place of a role without',
    'mixed',
    [trustOf(ROLE)],
    [{ ...trustOf('*'), ...mfa }],
  ],
  ['an account in place of another', 'mixed', [trustOf('210987654321')], [trustOf('310987654321')]],
  ['an account in place of its role', 'mixed', [trustOf(ROLE)], [trustOf('210987654321')]],
  [
    "an account's root in place of its id",
    'unchanged',
    [trustOf('210987654321')],
    [trustOf('arn:aws:iam::210987654321:root')],
  ],
  [
    'everybody but one who is denied, in place of that one',
    'mixed',
    [trustOf(ROLE)],
    [trustOf('*'), { ...trustOf(ROLE), Effect: 'Deny' }],
  ],
  ['everybody in place of an identity provider', 'mixed', [federated()], [trustOf('*')]],
  [
    'a whole bucket in place of a folder, and an action more',
    'broadened',
    [allow('s3:GetObject', 'arn:aws:s3:::b/x/*')],
    [allow(['s3:GetObject', 's3:PutObject'], 'arn:aws:s3:::b/*')],
  ],
  [
    'a folder in place of a whole bucket',
    'narrowed',
    [allow('s3:GetObject', 'arn:aws:s3:::b/*')],
    [allow('s3:GetObject', 'arn:aws:s3:::b/x/y/*')],
  ],
  [
    'a whole bucket for a folder, and another action for the one there was',
    'mixed',
    [allow('s3:GetObject', 'arn:aws:s3:::b/x/*')],
    [allow('s3:PutObject', 'arn:aws:s3:::b/*')],
  ],
  [
    'a folder in place of one whose name begins the same',
    'mixed',
    [allow('s3:GetObject', 'arn:aws:s3:::b/xy/*')],
    [allow('s3:GetObject', 'arn:aws:s3:::b/x/*')],
  ],
  [
    'a whole bucket, but for the folder that it was',
    'mixed',
    [allow('s3:GetObject', 'arn:aws:s3:::b/x/*')],
    [
      allow('s3:GetObject', 'arn:aws:s3:::b/*'),
      { ...allow('s3:GetObject', 'arn:aws:s3:::b/x/*'), Effect: 'Deny' },
    ],
  ],
  [
    'a condition dropped from one folder',
    'broadened',
    [allow('s3:GetObject', 'arn:aws:s3:::b/x/*', mfa)],
    [allow('s3:GetObject', 'arn:aws:s3:::b/x/*')],
  ],
  [
    'every resource under the condition that a folder had',
    'broadened',
    [allow('s3:GetObject', 'arn:aws:s3:::b/x/*', mfa)],
    [allow(['s3:GetObject', 's3:PutObject'], '*', mfa)],
  ],
  [
    'all users in place of the one a variable names',
    'broadened',
    [allow('s3:GetObject', 'arn:aws:s3:::home/\u0024{aws:username}/*')],
    [allow('s3:GetObject', 'arn:aws:s3:::home/*')],
  ],
  [
    "what looks like a variable's beginning holds no variable",
    'mixed',
    [allow('s3:GetObject', 'arn:aws:s3:::home/\u0024{aws:*')],
    [allow('s3:GetObject', 'arn:aws:s3:::home/\u0024{aws:username}/*')],
  ],
  [
    'a bucket open to everybody and all that is in it, in place of one role and its folder',
    'broadened',
    [bucket({ AWS: ROLE }, 's3:GetObject', 'arn:aws:s3:::b/x/y/z/*', mfa)],
    [bucket('*', 's3:*', '*')],
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

function federated(): object {
  return {
    Effect: 'Allow',
    Action: ['sts:AssumeRole', 'sts:AssumeRoleWithSAML'],
    Principal: { Federated: 'arn:aws:iam::123456789012:saml-provider/p' },
  };
}

function bucket(principal: unknown, action: unknown, resource: string, more: object = {}): object {
  return { Effect: 'Allow', Principal: principal, Action: action, Resource: resource, ...more };
}
