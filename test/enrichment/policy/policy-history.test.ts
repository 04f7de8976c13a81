import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventFromObject } from '../../../src/cloudtrail/event.ts';
import type { JsonObject } from '../../../src/cloudtrail/json.ts';
import { knownPolicyContributions } from '../../../src/enrichment/policy/known-policy.ts';
import { observePolicy } from '../../../src/enrichment/policy.ts';
import type { Store } from '../../../src/store/port.ts';
import {
  ADMIN,
  attachRole,
  createPolicy,
  createVersion,
  deletePolicy,
  HARMLESS,
  iamEvent,
  POLICY_ARN,
  READ_ONLY,
  setDefault,
} from './policy-events.ts';
import { freshContext, freshStore, runBatch } from './policy-pipeline.ts';

const context = freshContext();

test('within one second a policy is created before its versions, and these before one is chosen', async () => {
  const store = freshStore();
  const story = [
    setDefault(0, 'v2'),
    createVersion(0, 'v3', READ_ONLY, true),
    createPolicy(0, HARMLESS),
    createVersion(0, 'v2', ADMIN, true),
  ];
  const [activate, third, , second] = await runBatch(story, store, context);
  assert.equal(activate?.policy?.change?.against, 'v3');
  assert.equal(third?.policy?.change?.against, 'v2');
  assert.equal(second?.policy?.change?.against, 'v1');
  const [attach] = await runBatch([attachRole(0)], store, context);
  assert.equal(attach?.policy?.version, 'v2');
});

test('two choices of a default in one second leave it unknown', async () => {
  const store = freshStore();
  await runBatch([createPolicy(0, HARMLESS), createVersion(1, 'v2', ADMIN, false)], store, context);
  await runBatch(
    [setDefault(5, 'v1', { eventID: 'a' }), setDefault(5, 'v2', { eventID: 'b' })],
    store,
    context,
  );
  assert.equal((await ask(attachRole(6), store))?.reason, 'several_in_the_same_second');
});

test("AWS's answer says whether a version became the default, whatever was asked for", async () => {
  const store = freshStore();
  const contradicting = iamEvent(
    'CreatePolicyVersion',
    5,
    { policyArn: POLICY_ARN, policyDocument: ADMIN, setAsDefault: true },
    { policyVersion: { versionId: 'v2', isDefaultVersion: false } },
  );
  await runBatch([createPolicy(0, HARMLESS), contradicting], store, context);
  assert.equal((await ask(attachRole(6), store))?.version, 'v1');
});

test('a version whose number the response does not tell is still what was made the default', async () => {
  const store = freshStore();
  const nameless = iamEvent('CreatePolicyVersion', 5, {
    policyArn: POLICY_ARN,
    policyDocument: ADMIN,
    setAsDefault: 'true',
  });
  const [, result] = await runBatch([createPolicy(0, HARMLESS), nameless], store, context);
  assert.deepEqual([result?.policy?.version, result?.policy?.change?.against], [undefined, 'v1']);
  const attach = await ask(attachRole(6), store);
  assert.deepEqual([attach?.is_admin, attach?.version], [true, undefined]);
});

test('a deletion says what was deleted', async () => {
  const store = freshStore();
  const deleteVersion = iamEvent('DeletePolicyVersion', 10, { policyArn: POLICY_ARN, versionId: 'v2' });
  await runBatch([createPolicy(0, HARMLESS), createVersion(5, 'v2', ADMIN, false)], store, context);
  const [version, policy] = await runBatch([deleteVersion, deletePolicy(20)], store, context);
  assert.deepEqual([version?.policy?.status, version?.policy?.is_admin], ['cached', true]);
  assert.deepEqual([policy?.policy?.status, policy?.policy?.version], ['cached', 'v1']);
});

test('a deleted version is not answered for, unless the policy was made anew', async () => {
  const store = freshStore();
  const deleteVersion = iamEvent('DeletePolicyVersion', 10, { policyArn: POLICY_ARN, versionId: 'v2' });
  await runBatch(
    [createPolicy(0, HARMLESS), createVersion(5, 'v2', ADMIN, false), deleteVersion],
    store,
    context,
  );
  assert.equal((await ask(setDefault(20, 'v2'), store))?.reason, 'version_was_deleted');
  await runBatch([createVersion(30, 'v2', ADMIN, false)], store, context);
  assert.equal((await ask(setDefault(40, 'v2', { eventID: 'again' }), store))?.is_admin, true);
});

test('what began before the oldest deletion still remembered is unknown', async () => {
  const store = freshStore();
  await runBatch([createPolicy(0, ADMIN)], store, context);
  const churn = Array.from({ length: 16 }, (_, index) => deletePolicy(100 + index));
  assert.equal((await ask(attachRole(50), store))?.status, 'cached');
  await runBatch(churn.slice(0, 15), store, context);
  assert.equal((await ask(attachRole(50), store))?.status, 'cached');
  await runBatch(churn, store, context);
  assert.equal((await ask(attachRole(50), store))?.reason, 'history_too_long');
});

test('a flood of versions forgets the oldest and answers unknown for them, never wrongly', async () => {
  const store = freshStore();
  await runBatch([createPolicy(0, ADMIN)], store, context);
  const flood = Array.from({ length: 40 }, (_, index) =>
    createVersion(10 + index, `v${index + 2}`, HARMLESS, true),
  );
  await runBatch(flood, store, context);
  assert.equal((await ask(setDefault(100, 'v1'), store))?.reason, 'document_not_seen');
  assert.equal((await ask(attachRole(60), store))?.version, 'v41');
  assert.equal(
    (await ask(attachRole(5, POLICY_ARN, { eventID: 'old' }), store))?.reason,
    'default_version_not_known',
  );
});

test('an inline policy is compared with what stood under its name, across replicas', async () => {
  const store = freshStore();
  await runBatch([putInline(0, HARMLESS)], store, freshContext());
  const widened = await ask(putInline(10, ADMIN), store, freshContext());
  assert.equal(widened?.change?.verdict, 'broadened');
  const narrowed = await ask(putInline(20, HARMLESS), store, freshContext());
  assert.equal(narrowed?.change?.verdict, 'narrowed');
  const other = await ask({ ...putInline(30, ADMIN), recipientAccountId: '999988887777' }, store);
  assert.deepEqual(other?.change, { verdict: 'unknown' });
});

test('an inline policy put after its deletion is new, and compared with nothing', async () => {
  const store = freshStore();
  const removal = iamEvent('DeleteRolePolicy', 10, { roleName: 'app', policyName: 'p' });
  await runBatch([putInline(0, ADMIN)], store, context);
  const removed = await ask(removal, store);
  assert.deepEqual([removed?.status, removed?.is_admin], ['cached', true]);
  assert.equal((await ask(putInline(20, HARMLESS), store))?.change, undefined);
});

test('two documents under one name in one second leave the comparison unknown', async () => {
  const store = freshStore();
  await runBatch(
    [putInline(0, HARMLESS), putInline(10, READ_ONLY), { ...putInline(10, ADMIN), eventID: 'twin' }],
    store,
    context,
  );
  assert.deepEqual((await ask(putInline(10, READ_ONLY), store))?.change, { verdict: 'unknown' });
});

test('a role created again is new, a trust policy changed is compared', async () => {
  const store = freshStore();
  const own = 'arn:aws:iam::111122223333:root';
  const closed = trust({ AWS: own });
  const open = trust({ AWS: [own, 'arn:aws:iam::999988887777:root'] });
  const create = (at: number, document: string): JsonObject =>
    iamEvent('CreateRole', at, { roleName: 'app', assumeRolePolicyDocument: document });
  await runBatch([create(0, closed)], store, context);
  const changed = await ask(
    iamEvent('UpdateAssumeRolePolicy', 10, { roleName: 'app', policyDocument: open }),
    store,
  );
  assert.equal(changed?.change?.verdict, 'broadened');
  assert.equal((await ask(create(20, closed), store))?.change, undefined);
});

test("a queue's policy is compared whether it came with the queue or by its URL, and a new queue with nothing", async () => {
  const store = freshStore();
  const policy = (principal: object): string =>
    JSON.stringify({
      Statement: [{ Effect: 'Allow', Principal: principal, Action: 'sqs:SendMessage', Resource: '*' }],
    });
  const own = { AWS: 'arn:aws:iam::111122223333:root' };
  const create = (at: number): JsonObject => ({
    ...iamEvent('CreateQueue', at, { queueName: 'q', attributes: { Policy: policy(own) } }),
    eventSource: 'sqs.amazonaws.com',
  });
  await runBatch([create(0)], store, context);
  const opened = {
    ...iamEvent('SetQueueAttributes', 10, {
      queueUrl: 'https://sqs.us-east-1.amazonaws.com/111122223333/q',
      attributes: { Policy: policy({ AWS: [own.AWS, 'arn:aws:iam::999988887777:root'] }) },
    }),
    eventSource: 'sqs.amazonaws.com',
  };
  assert.equal((await ask(opened, store))?.change?.verdict, 'broadened');
  assert.equal((await ask(create(20), store))?.change, undefined);
});

test('a removal without a time or with a name that cannot be kept is unknown, with the reason', async () => {
  const store = freshStore();
  await runBatch([putInline(0, ADMIN)], store, context);
  const removal = iamEvent('DeleteRolePolicy', 10, { roleName: 'app', policyName: 'p' });
  assert.equal((await ask({ ...removal, eventTime: undefined }, store))?.reason, 'event_has_no_time');
  const strange = iamEvent('DeleteRolePolicy', 10, { roleName: 'app', policyName: 'a|b' });
  assert.equal((await ask(strange, store))?.reason, 'event_names_no_policy');
  assert.deepEqual((await ask({ ...putInline(20, HARMLESS), eventTime: undefined }, store))?.change, {
    verdict: 'unknown',
  });
});

test('a failed call without a document is compared with nothing', async () => {
  const denied = createVersion(0, 'v2', undefined, true, {
    errorCode: 'AccessDenied',
    requestParameters: null,
  });
  assert.equal((await ask(denied, freshStore()))?.change, undefined);
});

test('what was told late by one event is not told again by the next', async () => {
  const store = freshStore();
  await runBatch([setDefault(30, 'v2')], store, context);
  const [brought] = await runBatch([createVersion(10, 'v2', ADMIN, false)], store, context);
  assert.equal(brought?.policy?.late?.length, 1);
  const [next, base] = await runBatch(
    [createVersion(20, 'v3', ADMIN, true), createPolicy(0, HARMLESS)],
    store,
    context,
  );
  assert.equal(next?.policy?.late, undefined);
  assert.equal(base?.policy?.late, undefined);
});

test('a document that was not the one in force then carries no late activation', async () => {
  const store = freshStore();
  await runBatch([setDefault(30, 'v2')], store, context);
  const [tooLate] = await runBatch([createVersion(40, 'v2', ADMIN, false)], store, context);
  assert.equal(tooLate?.policy?.late, undefined);
});

test('late activations are bounded', async () => {
  const store = freshStore();
  const attachments = Array.from({ length: 50 }, (_, index) => attachRole(10 + index));
  await runBatch(attachments, store, context);
  const [brought] = await runBatch([createPolicy(0, ADMIN)], store, context);
  assert.equal(brought?.policy?.late?.length, 16);
});

test('an analysis that the store has lost is unknown, and brought again with the activation', async () => {
  const store = freshStore();
  const document = createPolicy(0, ADMIN);
  const life = observePolicy(eventFromObject(document), freshContext()).contributions.filter(({ key }) =>
    key.startsWith('policy:'),
  );
  await store.exchange(life);
  const [attach] = await runBatch([attachRole(10)], store, freshContext());
  assert.equal(attach?.policy?.reason, 'analysis_not_in_store');
  const [again] = await runBatch([document], store, freshContext());
  assert.equal(again?.policy?.late?.[0]?.event_id, 'AttachRolePolicy-10');
});

test('the default that IAM named when it was asked holds from then on', async () => {
  const store = freshStore();
  const policy = {
    arn: POLICY_ARN,
    versions: [{ version: 'v1', document: HARMLESS, createdAt: '2024-01-01T00:00:00Z' }],
    defaultVersion: 'v1',
    observedAt: '2024-05-06T09:01:00Z',
  };
  await runBatch([createVersion(10, 'v2', ADMIN, true)], store, context);
  await store.exchange(knownPolicyContributions(policy, 'import', context));
  assert.equal((await ask(attachRole(20), store))?.version, 'v2');
  assert.equal((await ask(attachRole(70), store))?.version, 'v1');
  const [activate] = await runBatch([setDefault(80, 'v2')], store, context);
  assert.equal(activate?.policy?.change?.against, 'v1');
});

function putInline(at: number, policyDocument: string): JsonObject {
  return iamEvent('PutRolePolicy', at, { roleName: 'app', policyName: 'p', policyDocument });
}

function trust(principal: object): string {
  return JSON.stringify({ Statement: [{ Effect: 'Allow', Principal: principal, Action: 'sts:AssumeRole' }] });
}

async function ask(event: JsonObject, store: Store, asking = context) {
  const [result] = await runBatch([event], store, asking);
  return result?.policy;
}
