import type { Addresses, Place } from './addresses.ts';
import type { Random } from './random.ts';

export type Role = { readonly id: string; readonly account: string; readonly name: string };

/** What a seed decided for all sessions of a log. */
export type SessionWriter = {
  readonly random: Random;
  readonly addresses: Addresses;
  readonly roles: readonly Role[];
  /** When a session begins, in milliseconds. */
  begin(): number;
  /** Seconds between two uses, on average. */
  readonly meanGap: number;
  readonly mostUses: number;
  readonly shareOfV6: number;
  write(record: Record<string, unknown>, time: number): void;
};

/** The role of a federated user: none. */
export const NO_ROLE = '';
const CALLS: readonly [readonly [string, string], ...(readonly [string, string])[]] = [
  ['ec2.amazonaws.com', 'DescribeInstances'],
  ['s3.amazonaws.com', 'GetObject'],
  ['kms.amazonaws.com', 'Decrypt'],
  ['iam.amazonaws.com', 'ListUsers'],
  ['sts.amazonaws.com', 'GetCallerIdentity'],
  ['secretsmanager.amazonaws.com', 'GetSecretValue'],
];
const REGIONS: readonly [string, ...string[]] = ['us-east-1', 'eu-central-1', 'ap-southeast-2'];
const KEY_LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** What a record of a session says. */
export type IssueParts = {
  readonly role: Role;
  readonly key: string;
  readonly session: string;
  readonly place: Place;
  readonly id: string;
  readonly agent: string;
  readonly begin: number;
};

/** An issuing event with an address: AssumeRole by a user, a role, SAML or web identity. */
export function personIssue(writer: SessionWriter, parts: IssueParts): Record<string, unknown> {
  const { role, session, place, id, agent } = parts;
  const { random } = writer;
  const user = {
    type: 'IAMUser',
    arn: `arn:aws:iam::${role.account}:user/alice`,
    accessKeyId: `AKIA${random.text(16, KEY_LETTERS)}`,
  };
  if (role.id === NO_ROLE) {
    return {
      ...shared(random, place, agent, id),
      eventSource: 'sts.amazonaws.com',
      eventName: 'GetFederationToken',
      userIdentity: user,
      requestParameters: { name: session },
      responseElements: {
        credentials: { accessKeyId: parts.key, sessionToken: 'hidden' },
        federatedUser: { federatedUserId: `${role.account}:${session}` },
      },
    };
  }
  const { eventName, userIdentity } = random.pick<{
    eventName: string;
    userIdentity: Record<string, unknown>;
  }>([
    {
      eventName: 'AssumeRole',
      userIdentity: user,
    },
    {
      eventName: 'AssumeRole',
      userIdentity: identity(roleOf(writer), newKey(random), 'earlier', parts.begin),
    },
    {
      eventName: 'AssumeRoleWithSAML',
      userIdentity: { type: 'SAMLUser', principalId: 'idp:alice', userName: 'alice@example.com' },
    },
    {
      eventName: 'AssumeRoleWithWebIdentity',
      userIdentity: { type: 'WebIdentityUser', principalId: 'oidc:repo', userName: 'repo:org/app:ref:main' },
    },
  ]);
  return {
    ...shared(random, place, agent, id),
    eventSource: 'sts.amazonaws.com',
    eventName,
    userIdentity,
    ...issued(random, parts),
    responseElements: {
      credentials: { accessKeyId: parts.key, sessionToken: 'hidden', expiration: 'May 8, 2024, 10:00:00 AM' },
      assumedRoleUser: { assumedRoleId: `${role.id}:${session}`, arn: roleArn(role, session) },
    },
  };
}

/** An AssumeRole by a service for what it runs: no address. */
export function serviceIssue(
  writer: SessionWriter,
  parts: Pick<IssueParts, 'role' | 'key' | 'session' | 'id'> & { readonly service: string },
): Record<string, unknown> {
  const { random } = writer;
  const { service, id, key } = parts;
  return {
    eventVersion: '1.08',
    eventID: id,
    awsRegion: random.pick(REGIONS),
    sourceIPAddress: service,
    userAgent: service,
    eventSource: 'sts.amazonaws.com',
    eventName: 'AssumeRole',
    userIdentity: { type: 'AWSService', invokedBy: service },
    ...issued(random, parts),
    responseElements: {
      credentials: { accessKeyId: key, sessionToken: 'hidden', expiration: 'May 8, 2024, 10:00:00 AM' },
    },
  };
}

function issued(
  random: Random,
  { role, session }: Pick<IssueParts, 'role' | 'session'>,
): Record<string, unknown> {
  return {
    requestParameters: {
      roleArn: `arn:aws:iam::${role.account}:role/${role.name}`,
      roleSessionName: session,
    },
    ...(random.chance(0.5) && { sharedEventID: random.uuid() }),
  };
}

/** A call with the key; now and then it fails, as a thief's mostly do. */
export function use(
  writer: SessionWriter,
  parts: IssueParts & { readonly delivery?: string | undefined },
): Record<string, unknown> {
  const { random } = writer;
  const { role, key, session, place, agent, id, begin, delivery } = parts;
  const [eventSource, eventName] = random.pick(CALLS);
  return {
    ...shared(random, place, agent, id),
    eventSource,
    eventName,
    userIdentity: identity(role, key, session, begin, delivery),
    ...(random.chance(0.3) && { errorCode: 'AccessDenied', errorMessage: 'not authorized' }),
    ...(random.chance(0.05) && { sessionCredentialFromConsole: 'true' }),
  };
}

function shared(random: Random, place: Place, agent: string, id: string): Record<string, unknown> {
  return {
    eventVersion: '1.08',
    eventID: id,
    awsRegion: random.pick(REGIONS),
    sourceIPAddress: place.address(random),
    userAgent: agent,
    ...(place.endpoint !== undefined && { vpcEndpointId: place.endpoint }),
  };
}

function identity(
  role: Role,
  accessKeyId: string,
  session: string,
  begin: number,
  delivery?: string,
): Record<string, unknown> {
  const context = {
    attributes: { mfaAuthenticated: 'false', creationDate: new Date(begin).toISOString() },
    ...(delivery !== undefined && { ec2RoleDelivery: delivery }),
  };
  if (role.id === NO_ROLE) {
    return {
      type: 'FederatedUser',
      principalId: `${role.account}:${session}`,
      arn: `arn:aws:sts::${role.account}:federated-user/${session}`,
      accountId: role.account,
      accessKeyId,
      sessionContext: context,
    };
  }
  return {
    type: 'AssumedRole',
    principalId: `${role.id}:${session}`,
    arn: roleArn(role, session),
    accountId: role.account,
    accessKeyId,
    sessionContext: context,
  };
}

function roleArn(role: Role, session: string): string {
  return `arn:aws:sts::${role.account}:assumed-role/${role.name}/${session}`;
}

export function roleOf({ random, roles }: SessionWriter): Role {
  return random.pick(roles as [Role, ...Role[]]);
}

export function newKey(random: Random): string {
  return `ASIA${random.text(16, KEY_LETTERS)}`;
}
