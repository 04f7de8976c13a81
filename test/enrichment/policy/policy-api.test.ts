import assert from 'node:assert/strict';
import { test } from 'node:test';
import { policySchema } from '../../../src/enrichment/output.ts';
import {
  type AnalyzeAnswer,
  type AnalyzeResult,
  analyzeRequest,
} from '../../../src/enrichment/policy/analyze-request.ts';
import {
  answerPolicyQuery,
  type PolicyKnown,
  type PolicyQuery,
  policyQueryReads,
} from '../../../src/enrichment/policy/read-policy.ts';
import type { Store, StoredRecord } from '../../../src/store/port.ts';
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
} from './policy-events.ts';
import { freshContext, freshStore, runBatch } from './policy-pipeline.ts';

const context = freshContext();
const TRUST = {
  Statement: [
    { Effect: 'Allow', Principal: { AWS: 'arn:aws:iam::999988887777:root' }, Action: 'sts:AssumeRole' },
  ],
};

for (const { name, document } of [
  { name: 'an object', document: JSON.parse(ADMIN) },
  { name: 'JSON text', document: ADMIN },
  { name: 'URL-encoded text', document: encodeURIComponent(ADMIN) },
]) {
  test(`analyzes ${name}`, () => {
    const answer = answered(analyzeRequest({ document }, context));
    policySchema.parse(answer);
    assert.equal(answer.status, 'analyzed');
    assert.equal(answer.kind, 'identity');
    assert.equal(answer.is_admin, true);
    assert.equal(answer.risk_level, 'critical');
  });
}

test('compares with the previous document', () => {
  const answer = answered(analyzeRequest({ document: ADMIN, previous: HARMLESS }, context));
  assert.equal(answer.change?.verdict, 'broadened');
  assert.ok((answer.change?.added_actions ?? 0) > 10_000);
  const same = answered(analyzeRequest({ document: ADMIN, previous: JSON.parse(ADMIN) }, context));
  assert.equal(same.change?.verdict, 'unchanged');
});

test('infers a trust policy, and tells own from foreign by the account', () => {
  const foreign = answered(analyzeRequest({ document: TRUST, account_id: ACCOUNT }, context));
  assert.equal(foreign.kind, 'trust');
  assert.deepEqual(foreign.exposure?.accounts, ['999988887777']);
  const own = answered(analyzeRequest({ document: TRUST, account_id: '999988887777' }, context));
  assert.equal(own.exposure?.accounts, undefined);
});

for (const { name, body, refusal } of [
  { name: 'a list', body: [], refusal: 'body_is_not_an_object' },
  { name: 'nothing', body: undefined, refusal: 'body_is_not_an_object' },
  { name: 'no document', body: {}, refusal: 'document_missing' },
  { name: 'an empty document', body: { document: '' }, refusal: 'document_missing' },
  { name: 'a number', body: { document: 7 }, refusal: 'document_is_not_a_policy' },
  { name: 'text that is no JSON', body: { document: 'hello' }, refusal: 'document_is_not_a_policy' },
  { name: 'an unknown kind', body: { document: ADMIN, kind: 'magic' }, refusal: 'kind_unknown' },
  { name: 'a kind of the wrong type', body: { document: ADMIN, kind: {} }, refusal: 'kind_unknown' },
  { name: 'a short account', body: { document: ADMIN, account_id: '123' }, refusal: 'account_id_invalid' },
  {
    name: 'a bad previous document',
    body: { document: ADMIN, previous: 'x' },
    refusal: 'previous_is_not_a_policy',
  },
]) {
  test(`refuses ${name} with a reason`, () => {
    const result = analyzeRequest(body, context);
    assert.equal(result.status === 'refused' ? result.refusal : undefined, refusal);
  });
}

test('says what is known of a policy and its versions', async () => {
  const store = freshStore();
  await runBatch([createPolicy(0, HARMLESS), createVersion(10, 'v2', ADMIN, true)], store, context);
  await runBatch(
    [iamEvent('DeletePolicyVersion', 20, { policyArn: POLICY_ARN, versionId: 'v1' })],
    store,
    context,
  );
  const known = await query({ arn: POLICY_ARN }, store);
  assert.equal(known?.default_version, 'v2');
  assert.equal(known?.policy.status, 'cached');
  assert.equal(known?.policy.is_admin, true);
  assert.deepEqual(known?.versions, [
    { version: 'v2', created: '2024-05-06T09:00:10Z', event_id: 'CreatePolicyVersion-10' },
    { version: 'v1', created: '2024-05-06T09:00:00Z', event_id: 'CreatePolicy-0' },
  ]);
  assert.deepEqual(known?.deletions, [
    { time: '2024-05-06T09:00:20Z', version: 'v1', event_id: 'DeletePolicyVersion-20' },
  ]);
  const former = await query({ arn: POLICY_ARN, version: 'v1' }, store);
  assert.equal(former?.policy.status, 'unknown');
  assert.equal(former?.policy.reason, 'version_was_deleted');
});

test('says that a policy was deleted, and what went unanswered', async () => {
  const store = freshStore();
  await runBatch([createPolicy(0, ADMIN), deletePolicy(10)], store, context);
  await runBatch([attachRole(20)], store, context);
  const known = await query({ arn: POLICY_ARN }, store);
  assert.equal(known?.policy.reason, 'policy_was_deleted');
  assert.equal(known?.default_version, undefined);
  assert.deepEqual(known?.unanswered, [
    {
      time: '2024-05-06T09:00:20Z',
      event_id: 'AttachRolePolicy-20',
      operation: 'attach',
      attached_to: `arn:aws:iam::${ACCOUNT}:role/app`,
    },
  ]);
});

test('answers AWS-managed policies from the bundle and roles by their trust policy', async () => {
  const store = freshStore();
  const bundled = await query({ arn: 'arn:aws:iam::aws:policy/AdministratorAccess' }, store);
  assert.equal(bundled?.policy.status, 'bundled');
  const trust = iamEvent('UpdateAssumeRolePolicy', 0, {
    roleName: 'app',
    policyDocument: JSON.stringify(TRUST),
  });
  await runBatch([trust], store, context);
  const role = await query({ arn: `arn:aws:iam::${ACCOUNT}:role/a/path/app` }, store);
  assert.equal(role?.policy.status, 'cached');
  assert.deepEqual(role?.policy.exposure?.accounts, ['999988887777']);
});

for (const arn of [
  POLICY_ARN,
  'arn:aws:iam::aws:policy/NoSuch',
  'nonsense',
  '',
  `arn:aws:iam::${ACCOUNT}:policy/a b\n`,
]) {
  test(`knows nothing of ${JSON.stringify(arn)}`, async () => {
    assert.equal(await query({ arn }, freshStore()), undefined);
  });
}

function answered(result: AnalyzeResult): AnalyzeAnswer {
  assert.ok(result.status === 'answered');
  return result.answer;
}

/** As the route does it: read, read what the first records name, answer. A context that remembers nothing. */
async function query(wanted: PolicyQuery, store: Store): Promise<PolicyKnown | undefined> {
  const forgetful = freshContext();
  const records = new Map<string, StoredRecord>();
  for (const known of [undefined, records]) {
    const reads = policyQueryReads(wanted, known, forgetful);
    if (reads.length === 0) continue;
    for (const [key, record] of (await store.exchange(reads)).records) records.set(key, record);
  }
  return answerPolicyQuery(wanted, records, forgetful);
}
