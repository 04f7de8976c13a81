import assert from 'node:assert/strict';
import { test } from 'node:test';
import { knownPolicyContributions } from '../../../src/enrichment/policy/known-policy.ts';
import type { KnownPolicy, PolicyRef } from '../../../src/resolver/port.ts';
import { createQueuedResolver } from '../../../src/resolver/queued-resolver.ts';
import { ACCOUNT, ADMIN, attachRole, HARMLESS, POLICY_ARN, setDefault } from './policy-events.ts';
import { freshContext, freshStore, runBatch } from './policy-pipeline.ts';

const POLICY: KnownPolicy = {
  arn: POLICY_ARN,
  versions: [
    { version: 'v2', document: encodeURIComponent(ADMIN), createdAt: '2024-02-01T00:00:00.000Z' },
    { version: 'v1', document: encodeURIComponent(HARMLESS), createdAt: '2024-01-01T00:00:00.000Z' },
  ],
  defaultVersion: 'v2',
  observedAt: '2025-01-01T00:00:00.000Z',
};

test('the first event wants the policy resolved, later ones are answered from what IAM said', async () => {
  const store = freshStore();
  const context = freshContext();
  const wishes: PolicyRef[] = [];
  const resolver = createQueuedResolver({
    reader: {
      read: async (ref) => {
        wishes.push(ref);
        return { outcome: 'read', policy: POLICY };
      },
      close: () => {},
    },
    store,
    contributionsOf: (policy) => knownPolicyContributions(policy, 'resolver', context),
    now: () => 0,
    sleep: async () => {},
  });
  const [first] = await runBatch([attachRole(0)], store, context);
  assert.equal(first?.policy?.status, 'unknown');
  assert.deepEqual(first?.wanted, { arn: POLICY_ARN, account: ACCOUNT });
  if (first?.wanted !== undefined) resolver.want(first.wanted);
  await resolver.close();
  const [later] = await runBatch([attachRole(5)], store, context);
  assert.equal(later?.policy?.status, 'cached');
  assert.equal(later?.policy?.version, 'v2');
  assert.equal(later?.wanted, undefined);
  assert.equal(wishes.length, 1);
});

test('a new policy of AWS that the bundle lacks is wanted, and answered once resolved', async () => {
  const store = freshStore();
  const context = freshContext();
  const arn = 'arn:aws:iam::aws:policy/AddedYesterday';
  const [first] = await runBatch([attachRole(0, arn)], store, context);
  assert.deepEqual(first?.wanted, { arn, account: ACCOUNT });
  await store.exchange(knownPolicyContributions({ ...POLICY, arn }, 'resolver', context));
  const [later] = await runBatch([attachRole(5, arn)], store, context);
  assert.equal(later?.policy?.is_admin, true);
});

test('a default set by an event after the version was made wins where it belongs', async () => {
  const store = freshStore();
  const context = freshContext();
  await store.exchange(knownPolicyContributions(POLICY, 'resolver', context));
  await runBatch([setDefault(10, 'v1')], store, context);
  const [before, after] = await runBatch([attachRole(5), attachRole(15)], store, context);
  assert.deepEqual([before?.policy?.version, after?.policy?.version], ['v2', 'v1']);
});

test('a failed call, a detachment and a foreign policy want nothing', async () => {
  const records = [
    attachRole(0, POLICY_ARN, { errorCode: 'NoSuchEntity' }),
    { ...attachRole(1), eventName: 'DetachRolePolicy' },
    attachRole(2, 'arn:aws:iam::999988887777:policy/p'),
  ];
  for (const result of await runBatch(records, freshStore(), freshContext())) {
    assert.equal(result.policy?.status, 'unknown');
    assert.equal(result.wanted, undefined);
  }
});

for (const { name, policy } of [
  { name: 'an ARN that is none', policy: { ...POLICY, arn: 'x' } },
  {
    name: 'versions without a time',
    policy: {
      arn: POLICY_ARN,
      defaultVersion: 'v2',
      versions: [{ version: 'v2', document: ADMIN, createdAt: 'soon' }],
    },
  },
  {
    name: 'a version that cannot be stored',
    policy: {
      arn: POLICY_ARN,
      defaultVersion: 'a\nb',
      versions: [{ version: 'a\nb', document: ADMIN, createdAt: '2024-01-01T00:00:00Z' }],
    },
  },
]) {
  test(`learns nothing from ${name}`, () => {
    assert.deepEqual(knownPolicyContributions(policy, 'resolver', freshContext()), []);
  });
}
