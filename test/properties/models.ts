import fc from 'fast-check';
import { catalog } from '../iam/knowledge.ts';

/**
 * Models of what comes in: records as CloudTrail writes them for every type of identity, policies as people and
 * attackers write them, and everything either is wrapped in. For texts of odd but valid JSON see
 * `test/helpers/arbitrary-json.ts`.
 */

type Json = Record<string, unknown>;

const ACCOUNTS = ['111122223333', '444455556666'] as const;
const account = fc.constantFrom(...ACCOUNTS);
/** What people, tools and attackers call things: some of it is meant to be mistaken for something else. */
const name = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.constantFrom('alice', 'ops', 'ci-deploy', 'i-0123456789abcdef0', 'a@b.example'),
  },
  fc.constantFrom('__proto__', 'constructor', '%{[x]}', 'a/b/c', '"}],"', '漢😀', '\ud800', ' ', '*'),
  fc.string({ maxLength: 12 }),
);
const keyId = fc.constantFrom('ASIAEXAMPLE000000001', 'ASIAEXAMPLE000000002', 'AKIAEXAMPLE000000003');
const address = fc.oneof(
  fc.ipV4(),
  fc.ipV6(),
  fc.constantFrom('AWS Internal', 'ec2.amazonaws.com', '10.0.0.1', '198.51.100.7', 'no address'),
);
const time = fc
  .date({ min: new Date('2020-01-01'), max: new Date('2030-01-01'), noInvalidDate: true })
  .map((date) => `${date.toISOString().slice(0, 19)}Z`);

const action = fc.oneof(
  fc.constantFrom(
    '*',
    '*:*',
    'iam:*',
    'IAM:pass*',
    'iam:Pass?ole',
    'iam:PassRole',
    'iam:CreateAccessKey',
    'iam:Put*Policy',
    '?am:*',
    's3:*',
    's3:Get*',
    's3:GetObject',
    's3:**',
    'ec2:RunInstances',
    'ec2:*',
    'lambda:*',
    'lambda:CreateFunction',
    'lambda:InvokeFunction',
    'sts:AssumeRole',
    'cloudtrail:StopLogging',
    'nosuch:*',
    'glue:CreateDevEndpoint',
    '*:Get*',
  ),
  fc.integer({ min: 0, max: catalog.names.length - 1 }).map((id) => catalog.names[id] ?? ''),
);
const resource = fc.constantFrom(
  '*',
  'arn:*',
  'arn:aws:s3:::*',
  'arn:aws:s3:::bucket/*',
  'arn:aws:iam::*:role/*',
  'arn:aws:iam::123456789012:role/admin',
  'arn:aws:lambda:us-east-1:123456789012:function:f',
);
const condition = fc.constantFrom(
  undefined,
  undefined,
  {},
  { StringEquals: { 'aws:PrincipalOrgID': 'o-1' } },
  { StringLike: { 'aws:userid': '*' } },
  { StringEquals: { 'iam:PassedToService': 'ec2.amazonaws.com' } },
  { Bool: { 'aws:MultiFactorAuthPresent': 'true' } },
);
const principal = fc.oneof(
  fc.constantFrom<unknown>('*', { AWS: '*' }, { Service: 'ec2.amazonaws.com' }, { CanonicalUser: 'abc' }),
  account.map((id) => ({ AWS: `arn:aws:iam::${id}:root` })),
  fc
    .constantFrom('arn:aws:iam::111122223333:oidc-provider/gitlab.com', 'cognito-identity.amazonaws.com')
    .map((provider) => ({ Federated: provider })),
);

/** A statement of an identity policy. */
export function identityStatement(effect: 'Allow' | 'Deny'): fc.Arbitrary<Json> {
  return fc
    .record({
      actions: fc.array(action, { minLength: 1, maxLength: 4 }),
      resources: fc.array(resource, { minLength: 1, maxLength: 2 }),
      isNotAction: fc.boolean().map((yes) => yes && effect === 'Allow'),
      isNotResource: fc.integer({ min: 0, max: 5 }).map((n) => n === 0),
      condition,
    })
    .map(({ actions, resources, isNotAction, isNotResource, condition: limits }) => ({
      Effect: effect,
      [isNotAction ? 'NotAction' : 'Action']: actions,
      [isNotResource ? 'NotResource' : 'Resource']: resources,
      ...(limits !== undefined && { Condition: limits }),
    }));
}

/** One to four statements of an identity policy, one of four a Deny. */
export const identityStatements: fc.Arbitrary<Json[]> = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: identityStatement('Allow') },
    { weight: 1, arbitrary: identityStatement('Deny') },
  ),
  { minLength: 1, maxLength: 4 },
);

const trustStatement = fc.record({ effect: fc.constantFrom('Allow', 'Deny'), principal, condition }).map(
  ({ effect, principal: who, condition: limits }): Json => ({
    Effect: effect,
    Principal: who,
    Action: ['sts:AssumeRole', 'sts:AssumeRoleWithWebIdentity'],
    ...(limits !== undefined && { Condition: limits }),
  }),
);
const resourceStatement = fc
  .tuple(
    identityStatement('Allow'),
    principal,
    fc.constantFrom('Principal', 'NotPrincipal'),
    fc.constantFrom('Allow', 'Deny'),
  )
  .map(([statement, who, member, effect]): Json => ({ ...statement, Effect: effect, [member]: who }));

/** A policy of any kind; some of its statements are none. */
export const policyDocument: fc.Arbitrary<Json> = fc
  .oneof(
    identityStatements,
    fc.array(trustStatement, { minLength: 1, maxLength: 3 }),
    fc.array(resourceStatement, { minLength: 1, maxLength: 3 }),
    fc.array(fc.oneof(identityStatement('Allow'), fc.jsonValue({ maxDepth: 2 })), {
      minLength: 1,
      maxLength: 3,
    }),
  )
  .map((statements) => ({ Version: '2012-10-17', Statement: statements }));

/** The same document in every form in which policies are handed over. */
export function formsOf(document: Json): readonly unknown[] {
  const text = JSON.stringify(document);
  return [
    document,
    text,
    JSON.stringify(document, undefined, 2),
    encodeURIComponent(text),
    JSON.stringify(text),
  ];
}

const sessionContext = fc.record({ account, name, time, key: keyId }).map(
  ({ account: id, name: role, time: since }): Json => ({
    sessionIssuer: {
      type: 'Role',
      principalId: 'AROAEXAMPLE000000001',
      arn: `arn:aws:iam::${id}:role/${role}`,
      accountId: id,
      userName: role,
    },
    attributes: { creationDate: since, mfaAuthenticated: 'false' },
  }),
);
/** `userIdentity` of every type that AWS documents, and of one that it does not. */
const identity: fc.Arbitrary<Json> = fc
  .record({
    type: fc.constantFrom(
      'Root',
      'IAMUser',
      'AssumedRole',
      'Role',
      'FederatedUser',
      'Directory',
      'AWSAccount',
      'AWSService',
      'IdentityCenterUser',
      'SAMLUser',
      'WebIdentityUser',
      'Unknown',
      'Unheard',
    ),
    account,
    name,
    key: keyId,
    context: sessionContext,
  })
  .map(({ type, account: id, name: who, key, context }): Json => {
    switch (type) {
      case 'Root':
        return { type, principalId: id, arn: `arn:aws:iam::${id}:root`, accountId: id };
      case 'AWSService':
        return { type, invokedBy: 'ec2.amazonaws.com' };
      case 'AWSAccount':
        return { type, principalId: `AROAEXAMPLE000000001:${who}`, accountId: id };
      case 'IdentityCenterUser':
        return { type, accountId: id, onBehalfOf: { userId: who, identityStoreArn: `arn:aws:x::${id}:y` } };
      case 'SAMLUser':
      case 'WebIdentityUser':
        return { type, principalId: `provider:${who}`, userName: who, identityProvider: 'provider' };
      case 'AssumedRole':
      case 'FederatedUser':
        return {
          type,
          principalId: `AROAEXAMPLE000000001:${who}`,
          arn: `arn:aws:sts::${id}:assumed-role/ops/${who}`,
          accountId: id,
          accessKeyId: key,
          sessionContext: context,
        };
      default:
        return {
          type,
          principalId: 'AIDAEXAMPLE000000001',
          arn: `arn:aws:iam::${id}:user/${who}`,
          accountId: id,
          accessKeyId: key,
          userName: who,
        };
    }
  });

/** What was called, with the parameters and answers that the enrichers read. */
const call: fc.Arbitrary<Json> = fc
  .tuple(
    fc.constantFrom(
      ['iam', 'CreateUser'],
      ['iam', 'PutUserPolicy'],
      ['iam', 'CreatePolicyVersion'],
      ['iam', 'AttachRolePolicy'],
      ['s3', 'PutBucketPolicy'],
      ['s3', 'GetObject'],
      ['kms', 'Decrypt'],
      ['sts', 'AssumeRole'],
      ['sts', 'GetFederationToken'],
      ['sts', 'GetCallerIdentity'],
      ['signin', 'ConsoleLogin'],
      ['ec2', 'RunInstances'],
      ['cloudtrail', 'StopLogging'],
      ['lambda', 'AddPermission20150331v2'],
      ['unheard', 'Unheard'],
    ),
    policyDocument,
    name,
    account,
    keyId,
    time,
    fc.nat(4),
  )
  .map(([[service, eventName], document, who, id, key, until, form]): Json => {
    const policy = formsOf(document)[form];
    return {
      eventSource: `${service}.amazonaws.com`,
      eventName,
      requestParameters: {
        userName: who,
        roleName: who,
        policyName: who,
        policyArn: `arn:aws:iam::${id}:policy/${who}`,
        policyDocument: policy,
        bucketPolicy: document,
        roleArn: `arn:aws:iam::${id}:role/${who}`,
        roleSessionName: who,
      },
      responseElements:
        service === 'sts'
          ? { credentials: { accessKeyId: key, sessionToken: 'x', expiration: until } }
          : { policyVersion: { versionId: 'v2', isDefaultVersion: true } },
    };
  });

let count = 0;

/** A record as CloudTrail writes it, with an id that no other has. */
export const cloudTrailRecord: fc.Arbitrary<Json & { readonly eventID: string }> = fc
  .record(
    {
      call,
      identity,
      eventTime: time,
      sourceIPAddress: address,
      userAgent: fc.oneof(name, fc.constantFrom('aws-cli/2.15.30 Python/3.11.8', 'Boto3/1.34', 'pacu')),
      awsRegion: fc.constantFrom('us-east-1', 'eu-central-1', 'aws-global'),
      eventType: fc.constantFrom('AwsApiCall', 'AwsServiceEvent', 'AwsConsoleSignIn', 'AwsConsoleAction'),
      readOnly: fc.boolean(),
      recipientAccountId: account,
      errorCode: fc.constantFrom('AccessDenied', 'Client.UnauthorizedOperation', 'NoSuchEntity'),
      errorMessage: fc.oneof(
        name,
        fc.constant('User: x is not authorized to perform: iam:PassRole on resource: y'),
      ),
      sharedEventID: fc.uuid(),
      vpcEndpointId: fc.constantFrom('vpce-1a2b3c4d'),
    },
    { requiredKeys: ['call', 'identity', 'eventTime', 'sourceIPAddress'] },
  )
  .map(({ call: called, identity: who, ...rest }) => {
    count += 1;
    return { eventVersion: '1.11', userIdentity: who, ...called, ...rest, eventID: `event-${count}` };
  });

/** A body of records: every envelope in which the answer shows each record once, in its order. */
export type Envelope = { readonly type: 'application/json' | 'application/x-ndjson'; readonly text: string };

/** All envelopes of some records. */
export function envelopesOf(records: readonly Json[]): readonly Envelope[] {
  const json = (value: unknown): Envelope => ({ type: 'application/json', text: JSON.stringify(value) });
  const lines = records.map((record) => JSON.stringify(record)).join('\n');
  const [only] = records;
  return [
    json({ Records: records }),
    json(records),
    json(records.map((record) => ({ 'detail-type': 'AWS API Call via CloudTrail', detail: record }))),
    json(records.map((record) => ({ '@timestamp': 'x', aws: { cloudtrail: record } }))),
    { type: 'application/x-ndjson', text: lines },
    ...(records.length === 1 ? [json(only), json({ detail: only })] : []),
  ];
}
