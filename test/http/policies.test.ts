import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import type { FastifyInstance } from 'fastify';
import { policySchema } from '../../src/enrichment/output.ts';
import { assertNothingEmpty } from '../helpers/nothing-empty.ts';
import { buildTestApp } from '../helpers/test-app.ts';

const JSON_TYPE = { 'content-type': 'application/json' };
const ACCOUNT = '111122223333';
const ADMIN = {
  Version: '2012-10-17',
  Statement: [{ Sid: 'Planted0Sid', Effect: 'Allow', Action: '*', Resource: '*' }],
};
const READER = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 's3:GetObject', Resource: 'arn:aws:s3:::reports/*' }],
};
const ADMINISTRATOR_ACCESS = 'arn:aws:iam::aws:policy/AdministratorAccess';

test('analyzes a document as object, as JSON text and URL-encoded alike', async (t) => {
  const app = await buildTestApp(t);
  const text = JSON.stringify(ADMIN);

  const answers = await Promise.all(
    [ADMIN, text, encodeURIComponent(text)].map((document) => analyze(app, { document })),
  );

  for (const answer of answers) {
    assert.equal(answer.statusCode, 200, answer.body);
    const policy = policySchema.parse(answer.json());
    assert.equal(policy.status, 'analyzed');
    assert.equal(policy.kind, 'identity');
    assert.equal(policy.is_admin, true);
    assert.equal(policy.risk_level, 'critical');
    assert.equal(answer.body, answers[0]?.body);
  }
});

test('compares with the previous document', async (t) => {
  const app = await buildTestApp(t);
  const cases = [
    [READER, ADMIN, 'broadened'],
    [ADMIN, READER, 'narrowed'],
    [READER, READER, 'unchanged'],
  ] as const;
  for (const [previous, document, verdict] of cases) {
    const answer = await analyze(app, { document, previous: JSON.stringify(previous) });
    assert.equal(answer.statusCode, 200, answer.body);
    assert.equal(policySchema.parse(answer.json()).change?.verdict, verdict);
  }
});

test('tells own from foreign principals by the account', async (t) => {
  const app = await buildTestApp(t);
  const document = {
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` }, Action: 'sts:AssumeRole' },
    ],
  };

  const own = await analyze(app, { document, kind: 'trust', account_id: ACCOUNT });
  const foreign = await analyze(app, { document, kind: 'trust', account_id: '444455556666' });

  assert.equal(policySchema.parse(own.json()).exposure?.accounts, undefined);
  assert.deepEqual(policySchema.parse(foreign.json()).exposure?.accounts, [ACCOUNT]);
});

test('refuses what is no policy with 422 and a reason, and never echoes it', async (t) => {
  const app = await buildTestApp(t);
  const planted = 'PlantedCanary7f3a';
  const cases: readonly (readonly [body: unknown, reason: string])[] = [
    [[planted], 'body_is_not_an_object'],
    [{ previous: planted }, 'document_missing'],
    [{ document: '' }, 'document_missing'],
    [{ document: planted }, 'document_is_not_a_policy'],
    [{ document: { Version: planted, [planted]: planted } }, 'document_is_not_a_policy'],
    [{ document: ADMIN, previous: planted }, 'previous_is_not_a_policy'],
    [{ document: ADMIN, kind: planted }, 'kind_unknown'],
    [{ document: ADMIN, account_id: planted }, 'account_id_invalid'],
  ];
  for (const [body, reason] of cases) {
    const answer = await analyze(app, body);
    assert.equal(answer.statusCode, 422, JSON.stringify(body));
    assert.equal(answer.headers['content-type'], 'application/problem+json');
    const problem = answer.json<{ code: string; detail: string }>();
    assert.equal(problem.code, 'not_a_policy');
    assert.ok(problem.detail.startsWith(reason), `${problem.detail} for ${reason}`);
    assert.ok(!answer.body.includes(planted), answer.body);
    assert.ok(answer.rawPayload.length <= 1024);
  }
});

test('never echoes the document it analyzes beyond the names of its statements', async (t) => {
  const app = await buildTestApp(t);
  const planted = 'planted-canary-7f3a';
  const document = {
    Version: '2012-10-17',
    Id: planted,
    Statement: [
      {
        Effect: 'Allow',
        Action: 's3:*',
        Resource: `arn:aws:s3:::${planted}`,
        Condition: { StringEquals: { 'aws:PrincipalTag/x': planted } },
      },
    ],
  };

  const answer = await analyze(app, { document });

  assert.equal(answer.statusCode, 200);
  assert.ok(!answer.body.includes(planted), answer.body);
});

test('answers what is cached of a policy after its event went through', async (t) => {
  const app = await buildTestApp(t);
  const arn = `arn:aws:iam::${ACCOUNT}:policy/report-reader`;
  const before = await known(app, { arn });
  assert.equal(before.statusCode, 404);
  assert.equal(before.json<{ code: string }>().code, 'not_found');

  await enrich(app, [createPolicy(arn, READER), createVersion(arn, ADMIN, 'v2')]);

  const current = await known(app, { arn });
  assert.equal(current.statusCode, 200, current.body);
  const answered = current.json<{ arn: string; default_version: string; policy: Record<string, unknown> }>();
  assert.equal(answered.arn, arn);
  assert.equal(answered.default_version, 'v2');
  assert.equal(answered.policy['status'], 'cached');
  assert.equal(answered.policy['is_admin'], true);
  assertNothingEmpty(answered);
  const first = (await known(app, { arn, version: 'v1' })).json<{ policy: Record<string, unknown> }>();
  assert.equal(first.policy['status'], 'cached');
  assert.notEqual(first.policy['is_admin'], true);
  const never = (await known(app, { arn, version: 'v9' })).json<{ policy: Record<string, unknown> }>();
  assert.equal(never.policy['status'], 'unknown');
  assert.ok(never.policy['reason'] !== undefined);
});

test('answers managed policies from the bundle', async (t) => {
  const app = await buildTestApp(t);

  const answer = await known(app, { arn: ADMINISTRATOR_ACCESS });

  assert.equal(answer.statusCode, 200);
  const { policy, default_version } = answer.json<{
    policy: Record<string, unknown>;
    default_version: string;
  }>();
  assert.equal(policy['status'], 'bundled');
  assert.equal(policy['is_admin'], true);
  const versioned = await known(app, { arn: ADMINISTRATOR_ACCESS, version: default_version });
  assert.equal(versioned.body, answer.body);
  assert.equal((await known(app, { arn: `${ADMINISTRATOR_ACCESS}Nobody` })).statusCode, 404);
});

test('refuses queries for policies that say nothing it understands', async (t) => {
  const app = await buildTestApp(t);
  const queries = [
    '',
    '?arn=',
    '?version=v1',
    `?arn=${'a'.repeat(2049)}`,
    '?arn=x&version=',
    '?arn=x&other=1',
  ];
  for (const query of queries) {
    const answer = await app.inject(`/v1/policies${query}`);
    assert.equal(answer.statusCode, 400, query);
    assert.equal(answer.headers['content-type'], 'application/problem+json');
    assert.equal(answer.json<{ code: string }>().code, 'invalid_query', query);
  }
});

test('imports an account as it arrives, in any pieces, and answers from it', async (t) => {
  const text = JSON.stringify(accountDetails());
  for (const size of [1, 7, text.length]) {
    const app = await buildTestApp(t);

    const answer = await importStream(app, piecesOf(text, size));

    assert.equal(answer.statusCode, 200, answer.body);
    assert.deepEqual(answer.json(), {
      policies: 1,
      versions: 2,
      inline_policies: 1,
      trust_policies: 1,
      attachments: 1,
      aws_managed: 1,
      skipped: 1,
    });
    const policy = await known(app, { arn: `arn:aws:iam::${ACCOUNT}:policy/imported` });
    assert.equal(policy.statusCode, 200, policy.body);
    assert.equal(policy.json<{ policy: { is_admin?: boolean } }>().policy.is_admin, true);
    const bundled = await known(app, { arn: ADMINISTRATOR_ACCESS });
    assert.equal(bundled.json<{ policy: { status: string } }>().policy.status, 'bundled');
  }
});

test('refuses an import that is not JSON or holds no account details', async (t) => {
  const app = await buildTestApp(t);
  const cases = [
    ['PlantedCanary7f3a', 'not_json'],
    [JSON.stringify(accountDetails()).slice(0, -20), 'not_json'],
    ['{"PlantedCanary7f3a":[]}', 'no_account_details'],
    ['{}', 'no_account_details'],
  ] as const;
  for (const [payload, reason] of cases) {
    const answer = await importStream(app, [Buffer.from(payload)]);
    assert.equal(answer.statusCode, 422, `${payload}: ${answer.body}`);
    const problem = answer.json<{ code: string; detail: string }>();
    assert.equal(problem.code, 'not_an_import');
    assert.equal(problem.detail, reason);
    assert.ok(!answer.body.includes('PlantedCanary7f3a'));
  }
});

function analyze(app: FastifyInstance, body: unknown) {
  return app.inject({
    method: 'POST',
    url: '/v1/policies/analyze',
    headers: JSON_TYPE,
    payload: JSON.stringify(body),
  });
}

function known(app: FastifyInstance, query: Record<string, string>) {
  return app.inject({ method: 'GET', url: '/v1/policies', query });
}

function importStream(app: FastifyInstance, pieces: readonly Buffer[]) {
  return app.inject({
    method: 'POST',
    url: '/v1/policies/import',
    headers: JSON_TYPE,
    payload: Readable.from(pieces),
  });
}

async function enrich(app: FastifyInstance, records: readonly object[]): Promise<void> {
  const answer = await app.inject({
    method: 'POST',
    url: '/v1/enrich',
    headers: JSON_TYPE,
    payload: JSON.stringify({ Records: records }),
  });
  assert.equal(answer.statusCode, 200);
  assert.equal(answer.headers['detrails-errors'], '0');
}

function createPolicy(arn: string, document: object): object {
  const policyName = arn.slice(arn.lastIndexOf('/') + 1);
  return iamEvent(
    'CreatePolicy',
    { policyName, policyDocument: JSON.stringify(document) },
    { policy: { policyName, arn, defaultVersionId: 'v1' } },
    1,
  );
}

function createVersion(policyArn: string, document: object, versionId: string): object {
  return iamEvent(
    'CreatePolicyVersion',
    { policyArn, policyDocument: JSON.stringify(document), setAsDefault: true },
    { policyVersion: { versionId, isDefaultVersion: true } },
    2,
  );
}

function iamEvent(eventName: string, request: object, response: object, minute: number): object {
  return {
    eventVersion: '1.11',
    eventTime: `2026-03-04T10:0${minute}:00Z`,
    eventSource: 'iam.amazonaws.com',
    eventName,
    eventID: `policy-${minute}`,
    recipientAccountId: ACCOUNT,
    requestParameters: request,
    responseElements: response,
  };
}

function accountDetails(): object {
  const version = (VersionId: string, Document: object, IsDefaultVersion: boolean, day: number) => ({
    VersionId,
    Document,
    IsDefaultVersion,
    CreateDate: `2026-03-0${day}T00:00:00Z`,
  });
  return {
    UserDetailList: [{ UserName: 'without-an-arn' }],
    GroupDetailList: [],
    RoleDetailList: [
      {
        RoleName: 'deploy',
        Arn: `arn:aws:iam::${ACCOUNT}:role/deploy`,
        AssumeRolePolicyDocument: {
          Version: '2012-10-17',
          Statement: [
            { Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' },
          ],
        },
        RolePolicyList: [{ PolicyName: 'inline', PolicyDocument: READER }],
        AttachedManagedPolicies: [{ PolicyName: 'AdministratorAccess', PolicyArn: ADMINISTRATOR_ACCESS }],
      },
    ],
    Policies: [
      {
        PolicyName: 'imported',
        Arn: `arn:aws:iam::${ACCOUNT}:policy/imported`,
        DefaultVersionId: 'v2',
        PolicyVersionList: [version('v1', READER, false, 1), version('v2', ADMIN, true, 2)],
      },
      {
        PolicyName: 'AdministratorAccess',
        Arn: ADMINISTRATOR_ACCESS,
        DefaultVersionId: 'v1',
        PolicyVersionList: [version('v1', READER, true, 1)],
      },
    ],
  };
}

function piecesOf(text: string, size: number): Buffer[] {
  const bytes = Buffer.from(text);
  const pieces: Buffer[] = [];
  for (let start = 0; start < bytes.length; start += size) pieces.push(bytes.subarray(start, start + size));
  return pieces;
}
