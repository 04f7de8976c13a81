import assert from 'node:assert/strict';
import { policySchema } from '../../../src/enrichment/output.ts';
import { renderAnalysis } from '../../../src/enrichment/policy/render-analysis.ts';
import { POLICY_KINDS, type PolicyAnalysis } from '../../../src/iam/analysis.ts';
import { analyzePolicy } from '../../../src/iam/analyze-policy.ts';
import { compareAnalyses } from '../../../src/iam/compare-analyses.ts';
import { canonicalDocumentHash } from '../../../src/iam/document-hash.ts';
import { inferKind } from '../../../src/iam/infer-kind.ts';
import { packAnalysis, unpackAnalysis } from '../../../src/iam/pack-analysis.ts';
import { assertNothingEmpty } from '../no-empty.ts';
import type { Target } from '../target.ts';
import { knowledge } from './knowledge.ts';

const ACCOUNT = '111122223333';
/** An analysis takes 20 ms at most on an idle core; far above it, a bound is missing. */
const HANG_MS = 4000;

/** The policy parser and analyzer over arbitrary texts and documents. */
export const policyTarget: Target = {
  name: 'policy',
  promise:
    'never throws or hangs; output conforms; the order of statements does not matter; packing is exact',
  seeds: [
    '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}',
    '{"Statement":[{"Sid":"a","Effect":"Allow","Action":["iam:PassRole","lambda:Create*","ec2:RunInstances"],"Resource":"arn:aws:iam::*:role/*","Condition":{"StringEquals":{"iam:PassedToService":"lambda.amazonaws.com"}}},{"Effect":"Deny","NotAction":"s3:*","NotResource":["arn:aws:s3:::x/*"]}]}',
    '{"Statement":[{"Effect":"Allow","Principal":{"AWS":["*","arn:aws:iam::999988887777:root"],"Federated":"token.actions.githubusercontent.com","Service":"ec2.amazonaws.com"},"Action":["sts:AssumeRole","sts:AssumeRoleWithWebIdentity"],"Condition":{"StringLike":{"token.actions.githubusercontent.com:sub":"repo:*"},"Bool":{"aws:MultiFactorAuthPresent":"true"}}}]}',
    '{"Id":"x","Statement":[{"Effect":"Allow","NotPrincipal":{"AWS":"999988887777"},"Action":"s3:Get?bject","Resource":"arn:aws:s3:::b/*","Condition":{"IpAddress":{"aws:SourceIp":["0.0.0.0/0","10.0.0.0/8"]},"ForAllValues:StringEquals":{"aws:PrincipalOrgID":"o-1"}}}]}',
    '%7B%22Statement%22%3A%5B%7B%22Effect%22%3A%22Allow%22%2C%22Action%22%3A%22iam%3A%2A%22%2C%22Resource%22%3A%22%2A%22%7D%5D%7D',
    '"{\\"Statement\\":[{\\"Effect\\":\\"Deny\\",\\"Action\\":\\"?am:*\\",\\"Resource\\":\\"*\\"}]}"',
  ],
  words: [
    ...['Version', 'Id', 'Statement', 'Sid', 'Effect', 'Allow', 'Deny', 'Action', 'NotAction', 'Resource'],
    ...[
      'NotResource',
      'Principal',
      'NotPrincipal',
      'Condition',
      'AWS',
      'Service',
      'Federated',
      'CanonicalUser',
    ],
    ...[
      '*',
      '*:*',
      'iam:*',
      '?am:*',
      's3:*',
      'iam:PassRole',
      'iam:Create*',
      'sts:*',
      'sts:AssumeRole',
      'kms:Decrypt',
    ],
    ...[
      's3:GetObject',
      's3:PutBucketPolicy',
      'lambda:*',
      'ec2:RunInstances',
      'secretsmanager:GetSecretValue',
    ],
    ...['cloudtrail:StopLogging', 'iam:PutUserPolicy', 'iam:AttachRolePolicy', 'iam:UpdateAssumeRolePolicy'],
    ...[
      'StringEquals',
      'StringNotEquals',
      'StringLike',
      'ArnLike',
      'ForAnyValue:StringLike',
      'ForAllValues:StringEquals',
    ],
    ...[
      'StringEqualsIfExists',
      'Null',
      'Bool',
      'IpAddress',
      'NotIpAddress',
      'DateGreaterThan',
      'NumericLessThan',
    ],
    ...[
      'aws:PrincipalOrgID',
      'aws:SourceIp',
      'aws:SourceAccount',
      'aws:SourceArn',
      'aws:PrincipalAccount',
      'aws:SourceVpce',
    ],
    ...[
      'aws:MultiFactorAuthPresent',
      'iam:PassedToService',
      'sts:ExternalId',
      'aws:PrincipalArn',
      'o-a1b2c3',
      '0.0.0.0/0',
    ],
    ...[
      'token.actions.githubusercontent.com:sub',
      'token.actions.githubusercontent.com:aud',
      'SAML:aud',
      'repo:o/r:*',
    ],
    ...[
      'arn:aws:iam::111122223333:root',
      'arn:aws:iam::999988887777:role/x',
      'arn:aws:iam::111122223333:saml-provider/x',
    ],
    ...[
      'arn:aws:iam::*:role/*',
      'arn:aws:s3:::*',
      'arn:aws:s3:::b/*',
      'ec2.amazonaws.com',
      'lambda.amazonaws.com',
    ],
    ...['*a*b*c', '????', '%7B', '$'.concat('{aws:username}'), 'true', 'false'],
  ],
  run: (input) => {
    const features: string[] = [];
    const document = readDocument(input);
    for (const kind of [undefined, ...POLICY_KINDS]) {
      const since = performance.now();
      const analysis = analyzePolicy(
        document,
        { ...(kind && { kind }), accountId: ACCOUNT },
        knowledge.policy,
      );
      assert.ok(performance.now() - since < HANG_MS, 'the analysis is bounded');
      checkAnalysis(analysis);
      features.push(...featuresOf(analysis));
      if (analysis.status === 'analyzed') checkOrder(document, analysis);
    }
    assert.equal(canonicalDocumentHash(document), canonicalDocumentHash(structuredClone(document)));
    return [...features, `inferred ${inferKind(document)}`];
  },
};

function checkAnalysis(analysis: PolicyAnalysis): void {
  const { status, kind, reason } = analysis;
  const output = { status, kind, ...renderAnalysis(analysis), ...(reason !== undefined && { reason }) };
  policySchema.parse(output);
  assertNothingEmpty(JSON.parse(JSON.stringify(output)));
  const packed = packAnalysis(analysis, knowledge.policy);
  const unpacked = unpackAnalysis(packed, knowledge.policy);
  assert.ok(unpacked !== undefined, 'what was packed is unpacked');
  assert.equal(packAnalysis(unpacked, knowledge.policy), packed, 'packing is exact');
  assert.deepEqual(renderAnalysis(unpacked), renderAnalysis(analysis), 'a packed analysis says the same');
  const change = compareAnalyses(analysis, unpacked, knowledge.policy);
  assert.ok(
    change.verdict === 'unchanged' || status !== 'analyzed',
    `against itself it is ${change.verdict}`,
  );
  assert.equal(change.addedFindings.length + change.removedFindings.length, 0, 'no finding comes or goes');
}

/** The same statements backwards are the same policy. */
function checkOrder(document: unknown, analysis: PolicyAnalysis): void {
  const statements = (document as { Statement?: unknown }).Statement;
  if (typeof document !== 'object' || !Array.isArray(statements)) return;
  const options = { kind: analysis.kind, accountId: ACCOUNT };
  const reversed = { ...document, Statement: [...statements].reverse() };
  const other = analyzePolicy(reversed, options, knowledge.policy);
  if (other.status !== 'analyzed') return; // the budget is spent in another order
  for (const member of ['riskLevel', 'isAdmin', 'isPublic', 'counts'] as const)
    assert.deepEqual(other[member], analysis[member], `${member} depends on the order of statements`);
  const change = compareAnalyses(analysis, other, knowledge.policy);
  assert.ok(['unchanged', 'unknown'].includes(change.verdict), `backwards it is ${change.verdict}`);
}

function featuresOf({ status, kind, findings, exposure, isAdmin, isPublic }: PolicyAnalysis): string[] {
  return [
    `${kind} ${status} ${isAdmin} ${isPublic}`,
    ...findings.map(
      ({ type, severity, certainty, path }) => `${kind} ${type} ${severity} ${certainty} ${path ?? ''}`,
    ),
    ...(exposure?.conditions ?? []).map((key) => `limited by ${key.slice(0, 30)}`),
  ];
}

/** The document as a text, or parsed when it is the JSON of an object. */
function readDocument(input: Buffer): unknown {
  const text = input.toString();
  if (!text.startsWith('{')) return text;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
