import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../../../src/cloudtrail/json.ts';
import type { PolicyEnrichment } from '../../../src/enrichment/output.ts';
import { policySchema } from '../../../src/enrichment/output.ts';
import { openStore } from '../../store/open-store.ts';
import { skipWithoutServer, startServer } from '../../store/redis-server.ts';
import {
  ACCOUNT,
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

/** CreatePolicy harmless v1, v2 admin not default, v3 harmless default, v2 made the default. */
const STORY: readonly JsonObject[] = [
  createPolicy(0, HARMLESS),
  createVersion(10, 'v2', ADMIN, false),
  createVersion(20, 'v3', READ_ONLY, true),
  setDefault(30, 'v2'),
];
const ACTIVATION = 'SetDefaultPolicyVersion-30';
const DOCUMENT = 'CreatePolicyVersion-10';

for (const order of permutations([0, 1, 2, 3])) {
  test(`the activation names what it activated when the story comes as ${order.join(', ')} in one request`, async () => {
    const answers = await tell([order.map((index) => STORY[index] ?? {})]);
    assertActivation(answers.get(ACTIVATION));
    assert.equal(answers.get(DOCUMENT)?.late, undefined);
  });
}

test('the activation is answered when the story comes in order over several requests', async () => {
  assertActivation((await tell(STORY.map((event) => [event]))).get(ACTIVATION));
});

test('the activation is answered by a replica that saw none of the documents', async () => {
  const store = freshStore();
  await runBatch(STORY.slice(0, 3), store, freshContext());
  const [result] = await runBatch(STORY.slice(3), store, freshContext());
  assertActivation(result?.policy);
});

test('the activation is answered after a restart when a shared store is configured', {
  skip: skipWithoutServer(),
}, async (t) => {
  const server = await startServer(t);
  const url = `redis://127.0.0.1:${server.port}`;
  for (const event of STORY.slice(0, 3)) {
    const store = await openStore(t, url);
    await runBatch([event], store, freshContext());
    await store.close();
  }
  const [result] = await runBatch(STORY.slice(3), await openStore(t, url), freshContext());
  assertActivation(result?.policy);
});

test('an activation before its document says unknown, and the document carries it and the risk', async () => {
  const [create, version2, version3, activate] = STORY;
  const answers = await tell([[activate ?? {}], [create ?? {}], [version3 ?? {}], [version2 ?? {}]]);
  const activation = answers.get(ACTIVATION);
  assert.equal(activation?.status, 'unknown');
  assert.equal(activation?.reason, 'document_not_seen');
  assert.deepEqual(activation?.change, { verdict: 'unknown' });
  const document = answers.get(DOCUMENT);
  assert.equal(document?.status, 'analyzed');
  assert.equal(document?.risk_level, 'critical');
  assert.deepEqual(document?.late, [
    { event_id: ACTIVATION, time: '2024-05-06T09:00:30Z', operation: 'set_default', version: 'v2' },
  ]);
});

test('an attachment before the policy was known is told by the event that creates the policy', async () => {
  const answers = await tell([[attachRole(40)], [createPolicy(0, ADMIN)]]);
  assert.equal(answers.get('AttachRolePolicy-40')?.status, 'unknown');
  assert.deepEqual(answers.get('CreatePolicy-0')?.late, [
    {
      event_id: 'AttachRolePolicy-40',
      time: '2024-05-06T09:00:40Z',
      operation: 'attach',
      attached_to: `arn:aws:iam::${ACCOUNT}:role/app`,
      version: 'v1',
    },
  ]);
});

test('an attachment is told by the event that made the version the default, if that came last', async () => {
  const answers = await tell([
    [createVersion(10, 'v2', ADMIN, false)],
    [attachRole(40)],
    [setDefault(30, 'v2')],
  ]);
  assert.equal(answers.get('AttachRolePolicy-40')?.reason, 'default_version_not_known');
  assert.equal(answers.get('SetDefaultPolicyVersion-30')?.late?.[0]?.event_id, 'AttachRolePolicy-40');
});

test('the event that brings a document repeats the same answer when it is delivered twice', async () => {
  const store = freshStore();
  const context = freshContext();
  await runBatch([setDefault(30, 'v2')], store, context);
  const [first] = await runBatch([createVersion(10, 'v2', ADMIN, false)], store, context);
  const [second] = await runBatch([createVersion(10, 'v2', ADMIN, false)], store, context);
  assert.deepEqual(second, first);
});

test('a policy deleted and recreated under the same name is not answered from its former life', async () => {
  const answers = await tell([[createPolicy(0, ADMIN)], [deletePolicy(10)], [attachRole(20)]]);
  assert.equal(answers.get('AttachRolePolicy-20')?.status, 'unknown');
  assert.equal(answers.get('AttachRolePolicy-20')?.reason, 'policy_was_deleted');
  const recreated = await tell([
    [createPolicy(0, ADMIN)],
    [deletePolicy(10)],
    [createPolicy(15, HARMLESS)],
    [attachRole(20)],
  ]);
  assert.equal(recreated.get('AttachRolePolicy-20')?.is_admin, false);
});

test('a policy recreated within the second of its deletion is answered from its new life', async () => {
  const answers = await tell([
    [createPolicy(0, HARMLESS)],
    [createPolicy(10, ADMIN), deletePolicy(10)],
    [attachRole(10)],
  ]);
  assert.equal(answers.get('AttachRolePolicy-10')?.is_admin, true);
});

test('an attachment before the deletion is still answered from the life it happened in', async () => {
  const answers = await tell([
    [deletePolicy(10), createPolicy(15, HARMLESS), createPolicy(0, ADMIN)],
    [attachRole(5)],
  ]);
  assert.equal(answers.get('AttachRolePolicy-5')?.is_admin, true);
});

test('two documents of one version in the same second are ambiguous, and said to be', async () => {
  const answers = await tell([
    [createPolicy(0, ADMIN), createPolicy(0, HARMLESS, { eventID: 'other' })],
    [attachRole(5)],
  ]);
  assert.equal(answers.get('AttachRolePolicy-5')?.reason, 'several_in_the_same_second');
});

const ADMINISTRATOR = 'arn:aws:iam::aws:policy/AdministratorAccess';

test("a forged CreatePolicyVersion for a policy of AWS's changes no answer", async () => {
  const forged = iamEvent(
    'CreatePolicyVersion',
    5,
    { policyArn: ADMINISTRATOR, policyDocument: HARMLESS, setAsDefault: true },
    { policyVersion: { versionId: 'v99', isDefaultVersion: true } },
  );
  for (const account of [ACCOUNT, 'aws', '']) {
    const answers = await tell([
      [{ ...forged, recipientAccountId: account }],
      [attachRole(10, ADMINISTRATOR)],
    ]);
    const attach = answers.get('AttachRolePolicy-10');
    assert.equal(attach?.status, 'bundled');
    assert.equal(attach?.is_admin, true);
    assert.equal(attach?.risk_level, 'critical');
  }
});

test("a forged CreatePolicyVersion for another account's policy changes no answer", async () => {
  const foreign = '999988887777';
  const answers = await tell([
    [createPolicy(0, ADMIN)],
    [createVersion(5, 'v1', HARMLESS, true, { recipientAccountId: foreign, eventID: 'forged' })],
    [createVersion(6, 'v2', HARMLESS, true, { recipientAccountId: undefined, eventID: 'forged too' })],
    [attachRole(10)],
  ]);
  assert.equal(answers.get('AttachRolePolicy-10')?.version, 'v1');
  assert.equal(answers.get('AttachRolePolicy-10')?.is_admin, true);
});

test('failed calls change nothing', async () => {
  const failed = { errorCode: 'LimitExceeded', eventID: 'failed' };
  const answers = await tell([
    [createPolicy(0, HARMLESS)],
    [createVersion(5, 'v2', ADMIN, true, failed), deletePolicy(6, failed), setDefault(7, 'v2', failed)],
    [attachRole(10)],
  ]);
  assert.equal(answers.get('AttachRolePolicy-10')?.version, 'v1');
  assert.equal(answers.get('AttachRolePolicy-10')?.status, 'cached');
});

test('an event without a time is answered from all that is known, and remembered nowhere', async () => {
  const answers = await tell([
    [createPolicy(0, HARMLESS), createVersion(5, 'v2', ADMIN, true, { eventTime: undefined })],
    [attachRole(10, POLICY_ARN, { eventTime: undefined })],
  ]);
  assert.equal(answers.get('CreatePolicyVersion-5')?.is_admin, true);
  assert.equal(answers.get('AttachRolePolicy-10')?.version, 'v1');
});

test('a version whose document CloudTrail omitted is answered with that finding when it is activated', async () => {
  const omitted = iamEvent(
    'CreatePolicy',
    0,
    { reason: 'requestParameters too large', omitted: true, originalSize: 140_000 },
    { policy: { arn: POLICY_ARN, defaultVersionId: 'v1' } },
  );
  const answers = await tell([[omitted], [attachRole(10)]]);
  for (const id of ['CreatePolicy-0', 'AttachRolePolicy-10']) {
    assert.equal(answers.get(id)?.status, 'omitted');
    assert.equal(answers.get(id)?.risk_level, 'high');
    assert.deepEqual(answers.get(id)?.counts, { OmittedDocument: 1 });
  }
});

function assertActivation(policy: PolicyEnrichment | undefined): void {
  assert.equal(policy?.status, 'cached');
  assert.equal(policy?.version, 'v2');
  assert.equal(policy?.is_admin, true);
  assert.equal(policy?.risk_level, 'critical');
  assert.equal(policy?.change?.verdict, 'broadened');
  assert.equal(policy?.change?.against, 'v3');
  const paths = (policy?.findings ?? []).map((finding) => finding.path).filter((path) => path !== undefined);
  assert.ok(paths.length > 0, 'names escalation paths');
  assert.ok((policy?.counts?.PrivilegeEscalation ?? 0) > 50);
}

/** Runs the requests one after another; answers by event id, each checked against the output schema. */
async function tell(requests: readonly (readonly JsonObject[])[]): Promise<Map<string, PolicyEnrichment>> {
  const store = freshStore();
  const answers = new Map<string, PolicyEnrichment>();
  for (const request of requests) {
    const results = await runBatch(request, store, freshContext());
    results.forEach((result, index) => {
      const id = request[index]?.eventID;
      if (result.policy !== undefined && typeof id === 'string') {
        policySchema.parse(result.policy);
        answers.set(id, result.policy);
      }
    });
  }
  return answers;
}

function permutations(items: readonly number[]): number[][] {
  if (items.length < 2) return [[...items]];
  return items.flatMap((item) =>
    permutations(items.filter((other) => other !== item)).map((rest) => [item, ...rest]),
  );
}
