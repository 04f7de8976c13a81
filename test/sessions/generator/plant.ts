import type { Place } from './addresses.ts';
import {
  NO_ROLE,
  newKey,
  personIssue,
  roleOf,
  type SessionWriter,
  serviceIssue,
  use,
} from './write-records.ts';

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

/** A person's session: a key issued to an address, by one of the ways there are. */
export function personSession(writer: SessionWriter): PlantedSession {
  const { random, addresses, shareOfV6 } = writer;
  const home = random.chance(0.1) ? addresses.inVpc() : addresses.any(shareOfV6);
  const kind = random.pick(['theft', 'theft', 'benign', 'neighbor', 'endpoint']);
  const thieves: Place[] = [];
  if (kind === 'theft') for (let n = random.tail(1, 6); n > 0; n -= 1) thieves.push(addresses.any(shareOfV6));
  if (kind === 'neighbor' && isV4(home)) thieves.push(addresses.neighbor(home));
  if (kind === 'endpoint') thieves.push(addresses.inVpc());
  const role = random.chance(0.1) ? { ...roleOf(writer), id: NO_ROLE } : roleOf(writer);
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

/** An instance's or a task's session: one or two keys, one address, unless something happens. */
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
  const isTask = random.chance(0.25);
  const session = isTask ? random.text(32) : `i-0${random.text(16)}`;
  const service = isTask ? 'ecs-tasks.amazonaws.com' : 'ec2.amazonaws.com';
  const delivery = isTask ? undefined : random.pick(['1.0', '2.0']);
  const thiefDelivery = kind === 'theft' && !isTask && random.chance(0.2) ? '1.0' : delivery;
  const begin = writer.begin();
  const keys = [newKey(random), newKey(random)].slice(0, random.int(1, 2));
  const issueIds = keys.map((key, index) => {
    const id = random.uuid();
    const issued = begin + index * random.int(0, 7200) * 1000;
    writer.write(serviceIssue(writer, { role, key, session, id, service }), issued);
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
    label: `${isTask ? 'task' : 'instance'}, ${kind}${thiefFirst ? ', thief first' : ''}, ${others.length} others`,
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

function isV4({ source, endpoint }: Place): boolean {
  return endpoint === undefined && !source.includes(':');
}

function isPrivate({ endpoint }: Place): boolean {
  return endpoint !== undefined;
}
