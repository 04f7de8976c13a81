import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PolicyContext } from '../../../src/enrichment/policy/context.ts';
import { createPolicyImport, type ImportCounts } from '../../../src/enrichment/policy/import.ts';
import type { Store } from '../../../src/store/port.ts';
import { ACCOUNT, ADMIN, attachRole, HARMLESS, iamEvent, POLICY_ARN, setDefault } from './policy-events.ts';
import { freshContext, freshStore, runBatch } from './policy-pipeline.ts';

const OBSERVED = '2024-05-06T08:00:00Z';

const DETAILS = {
  UserDetailList: [
    {
      UserName: 'eve',
      Path: '/team/',
      Arn: `arn:aws:iam::${ACCOUNT}:user/team/eve`,
      UserPolicyList: [{ PolicyName: 'p', PolicyDocument: JSON.parse(ADMIN) }],
      AttachedManagedPolicies: [{ PolicyName: 'demo', PolicyArn: POLICY_ARN }],
    },
  ],
  GroupDetailList: [{ GroupName: 'ops', Arn: `arn:aws:iam::${ACCOUNT}:group/ops`, GroupPolicyList: [] }],
  RoleDetailList: [
    {
      RoleName: 'app',
      Description: 'brackets \\" { [ and \u00e9\u4e16',
      Arn: `arn:aws:iam::${ACCOUNT}:role/app`,
      AssumeRolePolicyDocument: {
        Statement: [
          { Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' },
        ],
      },
      RolePolicyList: [{ PolicyName: 'inline', PolicyDocument: encodeURIComponent(HARMLESS) }],
      InstanceProfileList: [{ Roles: [{ AssumeRolePolicyDocument: {} }] }],
    },
  ],
  Policies: [
    {
      PolicyName: 'demo',
      Arn: POLICY_ARN,
      DefaultVersionId: 'v1',
      PolicyVersionList: [
        {
          Document: JSON.parse(ADMIN),
          VersionId: 'v2',
          IsDefaultVersion: false,
          CreateDate: '2024-02-01T00:00:00+00:00',
        },
        {
          Document: JSON.parse(HARMLESS),
          VersionId: 'v1',
          IsDefaultVersion: true,
          CreateDate: '2024-01-01T00:00:00+00:00',
        },
      ],
    },
    {
      PolicyName: 'AdministratorAccess',
      Arn: 'arn:aws:iam::aws:policy/AdministratorAccess',
      DefaultVersionId: 'v1',
      PolicyVersionList: [
        {
          Document: JSON.parse(HARMLESS),
          VersionId: 'v1',
          IsDefaultVersion: true,
          CreateDate: '2099-01-01T00:00:00Z',
        },
      ],
    },
    { PolicyName: 'broken', Arn: 'not an arn' },
  ],
  IsTruncated: false,
};

const COUNTS: ImportCounts = {
  policies: 1,
  versions: 2,
  inline_policies: 2,
  trust_policies: 1,
  attachments: 1,
  aws_managed: 1,
  skipped: 1,
};

for (const size of [1, 7, 64, 1_000_000]) {
  test(`counts what it took, in chunks of ${size} bytes`, async () => {
    const { counts, problem } = await load(Buffer.from(JSON.stringify(DETAILS, null, 4)), size);
    assert.equal(problem, undefined);
    assert.deepEqual(counts, COUNTS);
  });
}

test('what was imported answers the events that follow', async () => {
  const store = freshStore();
  const context = freshContext();
  await load(Buffer.from(JSON.stringify(DETAILS)), 100, store, context);
  const [attach, activate] = await runBatch([attachRole(0), setDefault(10, 'v2')], store, context);
  assert.equal(attach?.policy?.status, 'cached');
  assert.equal(attach?.policy?.version, 'v1');
  assert.equal(activate?.policy?.is_admin, true);
  assert.deepEqual(
    [activate?.policy?.change?.verdict, activate?.policy?.change?.against],
    ['broadened', 'v1'],
  );
});

test('an imported inline policy is what the next one is compared with', async () => {
  const store = freshStore();
  const context = freshContext();
  await load(Buffer.from(JSON.stringify(DETAILS)), 100, store, context);
  const narrowed = iamEvent('PutUserPolicy', 0, {
    userName: 'eve',
    policyName: 'p',
    policyDocument: HARMLESS,
  });
  const [result] = await runBatch([narrowed], store, context);
  assert.equal(result?.policy?.change?.verdict, 'narrowed');
});

test("an import cannot change the answer for a policy of AWS's", async () => {
  const store = freshStore();
  const context = freshContext();
  await load(Buffer.from(JSON.stringify(DETAILS)), 100, store, context);
  const [result] = await runBatch(
    [attachRole(0, 'arn:aws:iam::aws:policy/AdministratorAccess')],
    store,
    context,
  );
  assert.equal(result?.policy?.status, 'bundled');
  assert.equal(result?.policy?.is_admin, true);
});

test('several pages in a row are one import', async () => {
  const page = JSON.stringify(DETAILS);
  const { counts, problem } = await load(Buffer.from(`${page}\n${page}`), 50);
  assert.equal(problem, undefined);
  assert.equal(counts.versions, 4);
});

for (const { name, text, problem } of [
  { name: 'a cut file', text: JSON.stringify(DETAILS).slice(0, -5), problem: 'not_json' },
  { name: 'text', text: 'hello', problem: 'not_json' },
  { name: 'long text', text: 'An error occurred (AccessDenied). '.repeat(50), problem: 'not_json' },
  { name: 'text before an object', text: 'Details: {"Policies":[]}', problem: 'not_json' },
  { name: 'a JSON text', text: ' "hello" ', problem: 'no_account_details' },
  { name: 'a JSON number', text: '\r\n-1.5e+3\n', problem: 'no_account_details' },
  { name: 'null', text: 'null', problem: 'no_account_details' },
  { name: 'a stray bracket', text: ']]]]', problem: 'not_json' },
  { name: 'other JSON', text: '{"Records":[{"eventName":"x"}]}', problem: 'no_account_details' },
  { name: 'endless nesting', text: '['.repeat(100_000), problem: 'not_json' },
  { name: 'an endless string', text: `{"Policies":[{"Arn":"${'x'.repeat(100_000)}`, problem: 'not_json' },
]) {
  test(`says ${problem} for ${name}`, async () => {
    assert.equal((await load(Buffer.from(text), 1000)).problem, problem);
  });
}

test('a byte order mark and blank lines are no text', async () => {
  const { counts, problem } = await load(Buffer.from(`\ufeff\r\n${JSON.stringify(DETAILS)}\n\n`), 3);

  assert.equal(problem, undefined);
  assert.ok(counts.versions > 0);
});

test('skips details it cannot name or read, and keeps the rest', async () => {
  const details = {
    UserDetailList: [
      { UserName: 'nobody' },
      {
        UserName: 'eve',
        Arn: `arn:aws:iam::${ACCOUNT}:user/eve`,
        UserPolicyList: [{ PolicyName: 'no document' }, { PolicyName: 'a|b', PolicyDocument: {} }, 7],
      },
    ],
    RoleDetailList: [{ RoleName: 'app', Arn: 'arn:aws:iam::aws:role/app', AssumeRolePolicyDocument: {} }],
    Policies: [{ Arn: POLICY_ARN, DefaultVersionId: 'v1', PolicyVersionList: [{ VersionId: 'v1' }, null] }],
  };
  const { counts } = await load(Buffer.from(JSON.stringify(details)), 50);
  assert.equal(counts.skipped, 6);
  assert.equal(counts.policies + counts.inline_policies + counts.trust_policies, 0);
});

test('holds no more than one detail, however long the file, and skips one that is too long', async () => {
  const huge = { ...DETAILS.Policies[0], Description: 'x'.repeat(3 * 1024 * 1024) };
  const text = JSON.stringify({ Policies: [huge, DETAILS.Policies[0]] });
  const { counts } = await load(Buffer.from(text), 65_536);
  assert.equal(counts.skipped, 1);
  assert.equal(counts.policies, 1);
});

async function load(
  body: Buffer,
  chunkBytes: number,
  store: Store = freshStore(),
  context: PolicyContext = freshContext(),
): Promise<{ readonly counts: ImportCounts; readonly problem?: string }> {
  const importing = createPolicyImport(context, OBSERVED);
  for (let start = 0; start < body.length; start += chunkBytes) {
    const contributions = importing.write(body.subarray(start, start + chunkBytes));
    if (contributions.length > 0) await store.exchange(contributions);
  }
  return importing.end();
}
