import type { Addresses, Place } from './addresses.ts';
import type { Random } from './random.ts';

/** What a session of a generated log is, and what an answer must make of it. */
export type PlantedSession = {
  readonly label: string;
  /**
   * `reported`: at medium or high, each further source revealed once. `revealed`: the same, at whatever
   * fidelity. `quiet`: never at medium or high.
   */
  readonly expected: 'reported' | 'revealed' | 'quiet';
  /** Whether uses compare with where the key was issued to, or with one another. */
  readonly compares: 'with_home' | 'with_one_another';
  readonly home: string;
  readonly foreign: readonly string[];
  readonly issueIds: readonly string[];
  readonly uses: readonly { readonly id: string; readonly source: string; readonly time: number }[];
};

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

const AGENTS: readonly [string, ...string[]] = [
  'aws-cli/2.17.32 md/awscrt#0.20.11 ua/2.0 os/linux#6.1',
  '[aws-cli/2.2.16 Python/3.8.8 Linux/5.10 exe/x86_64.amzn.2 prompt/off command/s3.ls]',
  'Boto3/1.34.1 md/Botocore#1.34.1 os/linux',
  'APN/1.0 HashiCorp/1.0 Terraform/1.1.2 (+https://www.terraform.io) aws-sdk-go/1.44.157',
  'console.ec2.amazonaws.com',
  'AWS Internal',
  'stratus-red-team_54d79918-9399-449e-b49f-82996a764ec9',
  'Mozilla/5.0 (X11; Linux x86_64; rv:109.0) Gecko/20100101 Firefox/115.0',
];
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

/** A person's session: a key issued to an address, by one of the ways there are. */
export function personSession(writer: SessionWriter): PlantedSession {
  const { random, addresses, shareOfV6 } = writer;
  const home = random.chance(0.1) ? addresses.inVpc() : addresses.any(shareOfV6);
  const kind = random.pick(['theft', 'theft', 'benign', 'neighbor', 'endpoint']);
  const thieves: Place[] = [];
  if (kind === 'theft') for (let n = random.tail(1, 6); n > 0; n -= 1) thieves.push(addresses.any(shareOfV6));
  if (kind === 'neighbor' && isV4(home)) thieves.push(addresses.neighbor(home));
  if (kind === 'endpoint') thieves.push(addresses.inVpc());
  const role = roleOf(writer);
  const key = newKey(random);
  const session = `${random.pick(['alice', 'session', 'ci', 'bob@example.com'])}-${random.text(6)}`;
  const homeAgent = random.pick(AGENTS);
  const anyAgent = random.chance(0.5);
  const issueId = random.uuid();
  const begin = writer.begin();
  writer.write(
    personIssue(writer, { role, key, session, place: home, id: issueId, agent: homeAgent, begin }),
    begin,
  );

  const thiefFirst = random.chance(1 / 3);
  const uses = times(writer, begin, thieves, home, thiefFirst).map(({ place, time }) => {
    const id = random.uuid();
    const agent = anyAgent && kind !== 'endpoint' ? random.pick(AGENTS) : homeAgent;
    writer.write(use(writer, { role, key, session, place, id, agent, begin }), time);
    return { id, source: place.source, time };
  });
  const mixed = thieves.some((thief) => isPrivate(thief) !== isPrivate(home));
  const isTheft = kind === 'theft' && !mixed;
  const isQuiet = thieves.length === 0 || kind === 'neighbor' || (kind === 'endpoint' && !isPrivate(home));
  return {
    label: `person, ${kind}${thiefFirst ? ', thief first' : ''}, ${thieves.length} others`,
    expected: isTheft ? 'reported' : isQuiet ? 'quiet' : 'revealed',
    compares: 'with_home',
    home: home.source,
    foreign: thieves.map(({ source }) => source),
    issueIds: [issueId],
    uses,
  };
}

/** An instance's session: one or two keys, one address, unless something happens. */
export function ec2Session(writer: SessionWriter): PlantedSession {
  const { random, addresses, shareOfV6 } = writer;
  const kind = random.pick(['theft', 'theft', 'benign', 'neighbor', 'gateway', 'elastic', 'pool']);
  const home = kind === 'neighbor' ? addresses.v4() : addresses.any(shareOfV6);
  const others: Place[] = [];
  if (kind === 'theft') for (let n = random.tail(1, 3); n > 0; n -= 1) others.push(addresses.any(shareOfV6));
  if (kind === 'neighbor') others.push(addresses.neighbor(home));
  if (kind === 'gateway') others.push(addresses.inVpc());
  if (kind === 'elastic') others.push(addresses.v4());
  if (kind === 'pool') for (let n = random.int(5, 8); n > 0; n -= 1) others.push(addresses.v4());
  const role = roleOf(writer);
  const session = `i-0${random.text(16)}`;
  const delivery = random.pick(['1.0', '2.0']);
  const thiefDelivery = kind === 'theft' && random.chance(0.2) ? '1.0' : delivery;
  const begin = writer.begin();
  const keys = [newKey(random), newKey(random)].slice(0, random.int(1, 2));
  const issueIds = keys.map((key, index) => {
    const id = random.uuid();
    const issued = begin + index * random.int(0, 7200) * 1000;
    writer.write(serviceIssue(writer, { role, key, session, id, service: 'ec2.amazonaws.com' }), issued);
    return id;
  });
  const agent = random.pick(AGENTS);
  const anyAgent = random.chance(0.5);
  const thiefFirst = kind === 'theft' && random.chance(1 / 3);
  const planned =
    kind === 'elastic'
      ? changeover(writer, begin, home, others)
      : times(writer, begin, others, home, thiefFirst, true);
  const uses = planned.map(({ place, time }) => {
    const id = random.uuid();
    const key = random.pick(keys as [string, ...string[]]);
    const own = place === home ? delivery : thiefDelivery;
    const used = anyAgent ? random.pick(AGENTS) : agent;
    writer.write(use(writer, { role, key, session, place, id, agent: used, begin, delivery: own }), time);
    return { id, source: place.source, time };
  });
  return {
    label: `instance, ${kind}${thiefFirst ? ', thief first' : ''}, ${others.length} others`,
    expected: kind === 'theft' ? 'reported' : kind === 'elastic' || kind === 'pool' ? 'revealed' : 'quiet',
    compares: 'with_one_another',
    home: home.source,
    foreign: others.map(({ source }) => source),
    issueIds,
    uses,
  };
}

/** A function's session: its instances share the key and run anywhere. */
export function fleetSession(writer: SessionWriter): PlantedSession {
  const { random, addresses, shareOfV6 } = writer;
  const service = random.pick(['lambda.amazonaws.com', 'lambda.amazonaws.com', 'glue.amazonaws.com']);
  const role = roleOf(writer);
  const key = newKey(random);
  // Functions are few: many keys have the same session name.
  const session = `fn-${random.text(1)}`;
  const home = addresses.any(shareOfV6);
  const others = Array.from({ length: random.tail(0, 20) }, () => addresses.any(shareOfV6));
  const id = random.uuid();
  const begin = writer.begin();
  writer.write(serviceIssue(writer, { role, key, session, id, service }), begin);
  const uses = times(writer, begin, others, home, false).map(({ place, time }) => {
    const useId = random.uuid();
    const agent = random.pick(AGENTS);
    writer.write(use(writer, { role, key, session, place, id: useId, agent, begin }), time);
    return { id: useId, source: place.source, time };
  });
  return {
    label: `fleet of ${service}, ${others.length} others`,
    expected: 'quiet',
    compares: 'with_one_another',
    home: home.source,
    foreign: others.map(({ source }) => source),
    issueIds: [id],
    uses,
  };
}

type Planned = { readonly place: Place; readonly time: number };

/** Who uses the session when: each of `others` at least once, `home` mostly. */
function times(
  writer: SessionWriter,
  begin: number,
  others: readonly Place[],
  home: Place,
  otherFirst: boolean,
  homeToo = false,
): readonly Planned[] {
  const { random } = writer;
  const places = [...others];
  if (homeToo || others.length === 0 || random.chance(0.9)) places.push(home);
  const more = random.tail(0, writer.mostUses);
  for (let n = 0; n < more; n += 1) {
    places.push(
      random.chance(0.5) || others.length === 0 ? home : random.pick(others as [Place, ...Place[]]),
    );
  }
  const order = random.shuffle(places);
  if (others.length > 0) {
    // Puts the first in front who should be: whether the thief is first is what verdicts must not need.
    const first = order.findIndex((place) => (place !== home) === otherFirst);
    if (first > 0) order.unshift(...order.splice(first, 1));
  }
  let time = begin;
  return order.map((place) => {
    time += Math.round(-Math.log(1 - random.next()) * writer.meanGap) * 1000;
    return { place, time };
  });
}

/** The old address until some moment, the new one from then on. */
function changeover(
  writer: SessionWriter,
  begin: number,
  home: Place,
  others: readonly Place[],
): readonly Planned[] {
  const planned = times(writer, begin, [], home, false);
  const half = Math.ceil(planned.length / 2);
  const last = planned[planned.length - 1]?.time ?? begin;
  const after = others.map((place) => ({ place, time: last + 60_000 }));
  return [
    ...planned.slice(0, half),
    ...planned.slice(half).map(({ time }) => ({ place: home, time })),
    ...after,
  ];
}

type IssueParts = {
  readonly role: Role;
  readonly key: string;
  readonly session: string;
  readonly place: Place;
  readonly id: string;
  readonly agent: string;
  readonly begin: number;
};

/** An issuing event with an address: AssumeRole by a user, a role, SAML or web identity. */
function personIssue(writer: SessionWriter, parts: IssueParts): Record<string, unknown> {
  const { role, session, place, id, agent } = parts;
  const { random } = writer;
  const { eventName, userIdentity } = random.pick<{
    eventName: string;
    userIdentity: Record<string, unknown>;
  }>([
    {
      eventName: 'AssumeRole',
      userIdentity: {
        type: 'IAMUser',
        arn: `arn:aws:iam::${role.account}:user/alice`,
        accessKeyId: `AKIA${random.text(16, KEY_LETTERS)}`,
      },
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
function serviceIssue(
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
function use(
  writer: SessionWriter,
  parts: IssueParts & { readonly delivery?: string },
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
  return {
    type: 'AssumedRole',
    principalId: `${role.id}:${session}`,
    arn: roleArn(role, session),
    accountId: role.account,
    accessKeyId,
    sessionContext: {
      attributes: { mfaAuthenticated: 'false', creationDate: new Date(begin).toISOString() },
      ...(delivery !== undefined && { ec2RoleDelivery: delivery }),
    },
  };
}

function roleArn(role: Role, session: string): string {
  return `arn:aws:sts::${role.account}:assumed-role/${role.name}/${session}`;
}

function roleOf({ random, roles }: SessionWriter): Role {
  return random.pick(roles as [Role, ...Role[]]);
}

function newKey(random: Random): string {
  return `ASIA${random.text(16, KEY_LETTERS)}`;
}

function isV4({ source, endpoint }: Place): boolean {
  return endpoint === undefined && !source.includes(':');
}

function isPrivate({ endpoint }: Place): boolean {
  return endpoint !== undefined;
}
