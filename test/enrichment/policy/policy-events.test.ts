import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { eventFromObject } from '../../../src/cloudtrail/event.ts';
import type { JsonObject } from '../../../src/cloudtrail/json.ts';
import { type PolicyEnrichment, policySchema } from '../../../src/enrichment/output.ts';
import { POLICY_EVENTS } from '../../../src/enrichment/policy/event-table.ts';
import { NO_POLICY, observePolicy } from '../../../src/enrichment/policy.ts';
import { freshContext, freshStore, runBatch } from './policy-pipeline.ts';

type Case = {
  readonly name: string;
  readonly why: string;
  readonly input: JsonObject;
  /** Members the answer must have; null when the event touches no policy. */
  readonly expected: Partial<PolicyEnrichment> | null;
};

const cases = JSON.parse(readFileSync('test/cases/policy/events.json', 'utf8')) as readonly Case[];

for (const { name, input, expected } of cases) {
  test(name, async () => {
    const [result] = await runBatch([input], freshStore(), freshContext());
    if (expected === null) {
      assert.equal(result?.policy, undefined);
      assert.equal(observePolicy(eventFromObject(input), freshContext()), NO_POLICY);
      return;
    }
    const policy = result?.policy;
    assert.ok(policy);
    policySchema.parse(policy);
    const got = Object.fromEntries(Object.keys(expected).map((key) => [key, Reflect.get(policy, key)]));
    assert.deepEqual(got, expected);
  });
}

test('a new role says what its boundary is', async () => {
  const input = cases.find((candidate) => candidate.name.startsWith('CreateRole brings'))?.input ?? {};
  const [result] = await runBatch([input], freshStore(), freshContext());
  assert.deepEqual(result?.policy?.related, [
    {
      status: 'bundled',
      kind: 'boundary',
      arn: 'arn:aws:iam::aws:policy/ReadOnlyAccess',
      version: result?.policy?.related?.[0]?.version,
      risk_level: result?.policy?.related?.[0]?.risk_level,
      is_admin: false,
    },
  ]);
});

test('foreign accounts of a trust policy are named, the own one is not', async () => {
  const input = cases.find((candidate) => candidate.name.startsWith('UpdateAssumeRolePolicy'))?.input ?? {};
  const [result] = await runBatch([input], freshStore(), freshContext());
  assert.deepEqual(result?.policy?.exposure?.accounts, ['999988887777']);
});

test('a permission for a service is read as one, with what limits it', async () => {
  const input =
    cases.find((candidate) => candidate.name.startsWith('a function that a service'))?.input ?? {};
  const [result] = await runBatch([input], freshStore(), freshContext());
  assert.deepEqual(result?.policy?.exposure, {
    public: false,
    services: ['apigateway.amazonaws.com'],
    conditions: ['aws:sourcearn'],
  });
});

test('every event of the table is reached by its source and name, once', () => {
  const names = POLICY_EVENTS.map((row) => `${row.source} ${row.name}`);
  assert.equal(new Set(names).size, names.length);
  assert.ok(names.length > 150, `${names.length} events`);
});

test('the same name from another service is no policy event', () => {
  const context = freshContext();
  for (const row of POLICY_EVENTS) {
    const event = eventFromObject({ eventName: row.name, eventSource: 'example.amazonaws.com' });
    assert.equal(observePolicy(event, context), NO_POLICY);
  }
});

test('every event of the table survives hostile parameters', async () => {
  const hostile: readonly unknown[] = [
    null,
    'x',
    7,
    [],
    {},
    { policyArn: {}, policyDocument: 7, roleName: [], userName: 'a|b\nc', policy: [[]] },
    {
      policyArn: `arn:aws:iam::111122223333:policy/${'x'.repeat(5000)}`,
      policyDocument: 'x'.repeat(200_000),
    },
    {
      policyArn: 'arn:aws:iam::111122223333:policy/a|b\nc',
      versionId: 'v1|\n',
      roleName: '\u0000',
      omitted: 'true',
    },
  ];
  const store = freshStore();
  const context = freshContext();
  for (const row of POLICY_EVENTS) {
    const records = hostile.map((value, index) => ({
      eventName: row.name,
      eventSource: row.source,
      eventTime: '2024-05-06T09:00:00Z',
      eventID: `e|${index}\n`,
      recipientAccountId: '111122223333',
      requestParameters: value,
      responseElements: value,
    }));
    for (const result of await runBatch(records, store, context)) {
      if (result.policy !== undefined) policySchema.parse(result.policy);
    }
  }
});
