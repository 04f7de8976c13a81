import { type CloudTrailEvent, eventFromObject } from '../../../src/cloudtrail/event.ts';
import { Addresses } from './addresses.ts';
import { ec2Session, fleetSession, type PlantedSession, personSession } from './plant.ts';
import { Random } from './random.ts';
import type { SessionWriter } from './write-records.ts';

/** A log as CloudTrail would deliver it, and what is in it. */
export type GeneratedLog = {
  /** Files in the order of their delivery, each as its events. */
  readonly files: readonly (readonly CloudTrailEvent[])[];
  readonly sessions: readonly PlantedSession[];
};

const START = Date.UTC(2024, 4, 6, 9);
/** How many sessions a log has, on average, by what makes them. */
const SESSIONS = 120;

/**
 * Writes a log whose rates, addresses, timing and sizes `seed` decides. Independent of the generator of
 * `shared/corpora/bench`, after the same description: sessions of people, instances and fleets, stolen or
 * not, in files that come late and out of order.
 */
export function generateLog(seed: number): GeneratedLog {
  const random = new Random(seed);
  const late: { readonly at: number; readonly record: Record<string, unknown> }[] = [];
  const latency = random.int(1, 15) * 60;
  const writer: SessionWriter = {
    random,
    addresses: new Addresses(random),
    roles: Array.from({ length: random.int(1, 12) }, () => role(random)),
    begin: () => START + random.int(0, random.int(600, 40_000)) * 1000,
    meanGap: random.pick([2, 15, 60, 300, 900]),
    mostUses: random.pick([3, 8, 25, 60]),
    shareOfV6: random.pick([0, 0, 0.1, 0.5]),
    write: (record, time) => {
      const at = time + random.int(30, latency) * 1000;
      late.push({ at, record: { ...record, eventTime: new Date(time).toISOString().replace('.000Z', 'Z') } });
    },
  };
  const [people, instances] = [random.next(), random.next()];
  const sessions = Array.from({ length: random.int(SESSIONS / 2, SESSIONS) }, () => {
    const kind = random.next() * (people + instances + 0.7);
    if (kind < people) return personSession(writer);
    return kind < people + instances ? ec2Session(writer) : fleetSession(writer);
  });
  return { files: deliver(late, random), sessions };
}

/** Puts records into files by when they come and by a trail's shards, which come in no order. */
function deliver(
  late: readonly { readonly at: number; readonly record: Record<string, unknown> }[],
  random: Random,
): readonly (readonly CloudTrailEvent[])[] {
  const window = random.int(60, 600) * 1000;
  const shards = random.int(1, 6);
  const files = new Map<string, { readonly rank: number; readonly events: CloudTrailEvent[] }>();
  for (const { at, record } of late) {
    const slot = Math.floor(at / window);
    const name = `${slot}/${random.int(1, shards)}`;
    const file = files.get(name) ?? { rank: slot + random.next(), events: [] };
    files.set(name, file);
    file.events.push(eventFromObject(record));
  }
  return [...files.values()].sort((a, b) => a.rank - b.rank).map(({ events }) => random.shuffle(events));
}

function role(random: Random): { readonly id: string; readonly account: string; readonly name: string } {
  return {
    id: `AROA${random.text(17, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567')}`,
    account: random.text(12, '123456789'),
    name: `role-${random.text(4)}`,
  };
}
