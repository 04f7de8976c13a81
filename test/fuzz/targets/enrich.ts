import assert from 'node:assert/strict';
import { decode, runSlices } from '../../../src/cloudtrail/decode.ts';
import type { DecodeLimits } from '../../../src/cloudtrail/decoded.ts';
import type { RecordErrorCode } from '../../../src/cloudtrail/record-error.ts';
import { createContextSource } from '../../../src/context/context-source.ts';
import { Lane } from '../../../src/enrichment/lane.ts';
import { detrailsSchema } from '../../../src/enrichment/output.ts';
import { type EnrichOptions, type EnrichResult, enrichBody } from '../../../src/enrichment/pipeline.ts';
import { createPolicyContext } from '../../../src/enrichment/policy/context.ts';
import { threatSchema } from '../../../src/enrichment/threat.ts';
import { createMemoryStore } from '../../../src/store/memory-store.ts';
import { pinnedSnapshots } from '../../../src/wiring/open-context.ts';
import { RecordGenerator } from '../../bench/generate.ts';
import { bodyOf, decodeCases } from '../../helpers/decode-cases.ts';
import { readCases } from '../../read-cases.ts';
import { readScenarios } from '../../scenarios/scenario.ts';
import { assertNothingEmpty } from '../no-empty.ts';
import type { Target } from '../target.ts';
import { knowledge } from './knowledge.ts';

const LIMITS: DecodeLimits = { maxRecords: 200, maxDepth: 40, maxEnvelopeDepth: 8 };
const nothing = () => {};
const source = await createContextSource({
  vendorsEnabled: true,
  data: knowledge.context,
  log: { info: nothing, warn: nothing },
});
await source.close();
const policies = createPolicyContext({ knowledge: knowledge.policy, managed: knowledge.managedPolicies });
const snapshot = pinnedSnapshots(knowledge, policies, source);
const generator = new RecordGenerator(7);
const scenarioBodies = readScenarios().map(({ steps }) =>
  JSON.stringify(steps.slice(0, 4).map(({ record }) => record)),
);
const policyEvents = readCases<{ record?: unknown; event?: unknown }, unknown>('policy/events.json').map(
  ({ input }) => JSON.stringify(input.record ?? input.event ?? input),
);

/** The whole pipeline over arbitrary bodies: envelope detection, every enricher, both outputs. */
export const enrichTarget: Target = {
  name: 'enrich',
  promise: 'no enricher throws; every answer conforms to the schema; as many answers as records, in order',
  seeds: [
    ...decodeCases().map(({ input }) => bodyOf(input).toString()),
    ...Array.from({ length: 60 }, () => generator.next().toString()),
    ...scenarioBodies,
    ...policyEvents,
  ].filter((text) => text.length < 4000),
  words: [
    ...[
      'eventSource',
      'eventName',
      'eventTime',
      'userIdentity',
      'requestParameters',
      'responseElements',
      'userAgent',
    ],
    ...[
      'sourceIPAddress',
      'errorCode',
      'errorMessage',
      'eventType',
      'recipientAccountId',
      'sharedEventID',
      'eventID',
    ],
    ...[
      'accessKeyId',
      'principalId',
      'sessionContext',
      'sessionIssuer',
      'attributes',
      'sourceIdentity',
      'invokedBy',
    ],
    ...[
      'credentials',
      'assumedRoleUser',
      'assumedRoleId',
      'roleArn',
      'roleSessionName',
      'policyDocument',
      'policyArn',
    ],
    ...[
      'versionId',
      'setAsDefault',
      'policyName',
      'roleName',
      'userName',
      'permissionsBoundary',
      'onBehalfOf',
    ],
    ...[
      'AssumedRole',
      'IAMUser',
      'Root',
      'AWSService',
      'FederatedUser',
      'AWSAccount',
      'IdentityCenterUser',
      'Unknown',
    ],
    ...[
      'iam.amazonaws.com',
      'sts.amazonaws.com',
      's3.amazonaws.com',
      'kms.amazonaws.com',
      'signin.amazonaws.com',
    ],
    ...[
      'CreatePolicyVersion',
      'SetDefaultPolicyVersion',
      'AttachRolePolicy',
      'PutRolePolicy',
      'CreateRole',
      'DeletePolicy',
    ],
    ...[
      'AssumeRole',
      'AssumeRoleWithSAML',
      'AssumeRoleWithWebIdentity',
      'GetFederationToken',
      'GetSessionToken',
    ],
    ...[
      'UpdateAssumeRolePolicy',
      'PutBucketPolicy',
      'PutKeyPolicy',
      'ConsoleLogin',
      'GetCallerIdentity',
      'AddPermission20150331v2',
    ],
    ...[
      'AccessDenied',
      'arn:aws:iam::aws:policy/AdministratorAccess',
      'arn:aws:iam::111122223333:policy/p',
      'v1',
      'v2',
    ],
    ...[
      'Records',
      'detail',
      'message',
      'logEvents',
      'vpcEndpointId',
      'aws-cli/2.15.0',
      'pacu',
      '203.0.113.9',
      'ec2RoleDelivery',
    ],
    ...[
      '{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}',
      'User: x is not authorized to perform: iam:PassRole',
    ],
  ],
  run: async (input) => {
    const merged = await enrich(input, { output: 'merge', profile: 'standard', explain: false });
    const listed = await enrich(input, { output: 'enrichments', profile: 'full', explain: true });
    assert.equal(merged.ok, listed.ok, 'both outputs take the same bodies');
    if (!merged.ok || !listed.ok) return [merged.ok ? 'ok' : merged.code];
    assert.equal(merged.records, listed.records, 'the same records');
    // Merge output alone shows, and counts, a mark on each object that holds records it cannot be merged with.
    const marks = marksOf(input);
    assert.equal(merged.errors, listed.errors + marks, 'merge counts the marks besides the errors');
    assert.equal(refused(merged, 'merge_impossible'), marks, 'every mark is told as one');
    assert.equal(refused(listed, 'merge_impossible'), 0, 'no mark where each record has an answer');
    const isLines = merged.contentType === 'application/x-ndjson';
    if (!isLines) JSON.parse(textOf(merged));
    const answers = readAnswers(textOf(listed), isLines);
    const features: string[] = [];
    let errors = 0;
    for (const answer of answers) {
      const { detrails, threat, ...others } = answer as { detrails?: unknown; threat?: unknown };
      assert.deepEqual(others, {}, 'an answer has no other members');
      const checked = detrailsSchema.parse(detrails);
      const { explain, ...shown } = checked;
      assertNothingEmpty(shown);
      assert.ok(explain !== undefined || checked.error !== undefined, 'explain was asked for');
      if (threat !== undefined) threatSchema.parse(threat);
      if (checked.error !== undefined) errors++;
      features.push(...featuresOf(checked));
    }
    assert.equal(answers.length, listed.records + listed.errors, 'an answer for every record and error');
    assert.equal(errors, listed.errors, 'every error is shown and counted');
    return features;
  },
};

/**
 * A store of its own for every input: what an input finds depends on nothing else. One output is written
 * at once, the other in turns.
 */
async function enrich(
  body: Buffer,
  options: Pick<EnrichOptions, 'output' | 'profile' | 'explain'>,
): Promise<EnrichResult & { readonly refusals: readonly RecordErrorCode[] }> {
  const store = createMemoryStore({ maxBytes: 1 << 20, now: () => 0 });
  const refusals: RecordErrorCode[] = [];
  const result = await enrichBody(
    body,
    'maybe',
    { ...options, ecs: true },
    {
      store,
      ...(options.output === 'merge' && { local: store }),
      snapshot,
      limits: LIMITS,
      allocate: Buffer.allocUnsafe,
      events: {
        record: nothing,
        refused: (code) => void refusals.push(code),
        phase: nothing,
        batch: nothing,
        wanted: nothing,
        fault: (error) => {
          throw error;
        },
      },
      batches: new Lane(1),
      files: new Lane(1),
      monotonic: () => 0,
    },
  );
  return { ...result, refusals };
}

/** Objects whose text holds a list of records: they alone have no answer of their own. */
function marksOf(body: Buffer): number {
  const decoded = runSlices(decode(body, 'maybe', LIMITS));
  assert.ok(decoded.ok, 'what was enriched can be decoded');
  return decoded.documents.flatMap(({ entries }) => entries).filter(({ answers }) => !answers).length;
}

function refused(
  { refusals }: { readonly refusals: readonly RecordErrorCode[] },
  code: RecordErrorCode,
): number {
  return refusals.filter((one) => one === code).length;
}

function textOf(result: EnrichResult & { ok: true }): string {
  return Buffer.concat(result.chunks).toString();
}

function readAnswers(text: string, isLines: boolean): readonly unknown[] {
  const values = isLines
    ? text
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as unknown)
    : [JSON.parse(text) as unknown];
  return values.flatMap((value) => (value as { enrichments?: unknown[] }).enrichments ?? [value]);
}

function featuresOf({
  action,
  policy,
  session,
  risk,
  error,
  context,
  tool,
}: ReturnType<typeof detrailsSchema.parse>): string[] {
  return [
    `action ${action?.resolved_by} ${action?.outcome} ${action?.access_level}`,
    `policy ${policy?.status} ${policy?.operation} ${policy?.kind} ${policy?.change?.verdict} ${policy?.reason}`,
    `session ${session?.status} ${session?.verdict} ${session?.fidelity} ${session?.reason} ${session?.deviations?.join()}`,
    `session ${session?.revealed} ${session?.human?.evidence} ${session?.chain?.length} ${session?.late !== undefined}`,
    `risk ${risk?.level} ${risk?.reasons?.join()}`.slice(0, 120),
    `error ${error?.code}`,
    `context ${context?.role_use} ${context?.network?.kind} ${context?.vendor} ${tool?.name}`,
  ];
}
