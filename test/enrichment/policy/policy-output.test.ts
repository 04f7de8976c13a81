import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventFromObject } from '../../../src/cloudtrail/event.ts';
import { policySchema } from '../../../src/enrichment/output.ts';
import { explainPolicy } from '../../../src/enrichment/policy/explain.ts';
import { MAX_FINDINGS, renderFindings } from '../../../src/enrichment/policy/render-analysis.ts';
import { enrichPolicy, NO_POLICY, observePolicy } from '../../../src/enrichment/policy.ts';
import type { Finding } from '../../../src/iam/analysis.ts';
import { ACCOUNT, ADMIN, attachRole, createPolicy, iamEvent } from './policy-events.ts';
import { freshContext, freshStore, runBatch } from './policy-pipeline.ts';

const ADMINISTRATOR = 'arn:aws:iam::aws:policy/AdministratorAccess';

test('findings are bounded: one of each type stays, then the gravest and shortest', () => {
  const finding = (type: Finding['type'], severity: Finding['severity'], index: number): Finding => ({
    type,
    severity,
    certainty: 'direct',
    path: `p${index}`,
    actions: Array.from({ length: 50 }, (_, action) => `s3:Action${action}`),
    services: Array.from({ length: 30 }, (_, service) => `service${service}`),
    statements: ['0'],
    reason: 'Because.',
  });
  const findings = [
    ...Array.from({ length: 40 }, (_, index) => finding('PrivilegeEscalation', 'high', index)),
    { ...finding('PrivilegeEscalation', 'high', 99), actions: ['iam:CreateAccessKey'] },
    finding('InfrastructureModification', 'low', 40),
    ...Array.from({ length: 10 }, (_, index) => finding('Admin', 'critical', 41 + index)),
  ];
  const rendered = renderFindings(findings);
  assert.equal(rendered.length, MAX_FINDINGS);
  assert.equal(rendered.filter((one) => one.severity === 'critical').length, 10);
  assert.equal(rendered.filter((one) => one.type === 'InfrastructureModification').length, 1);
  assert.ok(
    rendered.some((one) => one.path === 'p99'),
    'what takes a single action goes before what takes many',
  );
  assert.equal(rendered[0]?.actions?.length, 20);
  assert.equal(rendered[0]?.action_count, 50);
  assert.equal(rendered[0]?.services?.length, 20);
});

test('the widest policy there is stays a small answer with its counts intact', async () => {
  const [result] = await runBatch([attachRole(0, ADMINISTRATOR)], freshStore(), freshContext());
  const { policy } = result ?? {};
  policySchema.parse(policy);
  assert.ok((policy?.counts?.PrivilegeEscalation ?? 0) > MAX_FINDINGS);
  assert.ok(JSON.stringify(policy).length < 40_000, `${JSON.stringify(policy).length} characters`);
});

test('the same analysis is rendered once, whatever policy it belongs to', async () => {
  const context = freshContext();
  const other = iamEvent('PutRolePolicy', 1, { roleName: 'app', policyName: 'p', policyDocument: ADMIN });
  const [first, second] = await runBatch([createPolicy(0, ADMIN), other], freshStore(), context);
  assert.ok(first?.policy?.findings);
  assert.equal(first.policy.findings, second?.policy?.findings);
  assert.deepEqual([context.counts.misses, context.counts.hits], [1, 1]);
});

test('an event that touches no policy costs one shared object and says nothing', () => {
  const context = freshContext();
  const event = eventFromObject({ eventName: 'DescribeInstances', eventSource: 'ec2.amazonaws.com' });
  const observation = observePolicy(event, context);
  assert.equal(observation, NO_POLICY);
  assert.deepEqual(enrichPolicy(observation, new Map(), context), {});
  assert.equal(explainPolicy(observation, {}, new Map(), context), undefined);
});

test('no text of a document reaches the store, the answer or the explanation', async () => {
  const secret = 'do-not-repeat-me';
  const policyDocument = JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Action: '*',
        Resource: `arn:aws:s3:::${secret}/*`,
        Condition: { StringEquals: { 'aws:PrincipalTag/x': secret } },
      },
    ],
  });
  const context = freshContext();
  const observation = observePolicy(eventFromObject(createPolicy(0, policyDocument)), context);
  const result = enrichPolicy(observation, new Map(), context);
  const explanation = explainPolicy(observation, result, new Map(), context);
  assert.ok(explanation);
  for (const written of [observation.contributions, result, explanation]) {
    assert.equal(JSON.stringify(written).includes(secret), false);
  }
});

test('the explanation names record, hash and what was compared with', async () => {
  const context = freshContext();
  const observation = observePolicy(eventFromObject(createPolicy(0, ADMIN)), context);
  const result = enrichPolicy(observation, new Map(), context);
  const explanation = explainPolicy(observation, result, new Map(), context);
  assert.equal(explanation?.record, `policy:arn:aws:iam::${ACCOUNT}:policy/team/demo`);
  assert.equal(explanation?.remembered, true);
  assert.equal(explanation?.document, 'present');
});
