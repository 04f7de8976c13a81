import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { test } from 'node:test';
import type { CloudTrailEvent } from '../../src/cloudtrail/event.ts';
import { createMemoryStore } from '../../src/store/memory-store.ts';
import type { Store } from '../../src/store/port.ts';
import { createTieredStore } from '../../src/store/tiered-store.ts';
import type { RemoteStore } from '../../src/store/valkey-store.ts';
import { faultsIn } from './generator/judge.ts';
import { type GeneratedLog, generateLog } from './generator/log.ts';
import { enrichBatch } from './mini-pipeline.ts';
import type { Answered } from './score.ts';
import { shuffled } from './shuffle.ts';

/**
 * Logs of an independent generator, by seed, in every order of arrival. One seed is another one each time:
 * `DETRAILS_LOG_SEED` repeats it, and `DETRAILS_LOG_SEEDS` tries so many from there on.
 */

const FIXED = [24, 26, 29, 4711];
const first = Number(process.env['DETRAILS_LOG_SEED'] ?? randomInt(1_000_000_000));
const SEEDS = [
  ...FIXED,
  ...Array.from({ length: Number(process.env['DETRAILS_LOG_SEEDS'] ?? 1) }, (_none, n) => first + n),
];
/** Batches under way at once on each of two replicas. */
const CONCURRENCY = 4;

type Batches = readonly (readonly CloudTrailEvent[])[];
type Order = {
  readonly name: string;
  readonly replicas: 1 | 2;
  batches(files: Batches, seed: number): Batches;
};

const ORDERS: readonly Order[] = [
  { name: 'in delivery order', replicas: 1, batches: (files) => files },
  { name: 'files reversed', replicas: 1, batches: (files) => [...files].reverse() },
  { name: 'records reversed, singly', replicas: 1, batches: (files) => singly(files.flat().reverse()) },
  { name: 'shuffled, singly', replicas: 1, batches: (files, seed) => singly(shuffled(files.flat(), seed)) },
  { name: 'shuffled, in one batch', replicas: 1, batches: (files, seed) => [shuffled(files.flat(), seed)] },
  { name: 'each file twice over', replicas: 1, batches: (files) => files.map((file) => [...file, ...file]) },
  {
    name: 'everything twice, shuffled, singly',
    replicas: 1,
    batches: (files, seed) => singly(shuffled([...files, ...files].flat(), seed)),
  },
  { name: 'in delivery order, on two replicas', replicas: 2, batches: (files) => files },
  {
    name: 'everything twice, shuffled, singly, on two replicas',
    replicas: 2,
    batches: (files, seed) => singly(shuffled([...files, ...files].flat(), seed)),
  },
];

for (const seed of SEEDS) {
  test(`every planted session of log ${seed} is reported and no benign one, in whatever order`, async (t) => {
    const log = generateLog(seed);
    t.diagnostic(`seed ${seed}: ${describe(log)}`);

    for (const { name, replicas, batches } of ORDERS) {
      const answered = await answer(batches(log.files, seed), openReplicas(replicas));
      assert.deepEqual(faultsIn(answered, log.sessions), [], name);
    }
  });
}

test('the judge of generated logs sees what is missing', async () => {
  const log = generateLog(24);
  const [store] = openReplicas(1);
  const answered = await answer(log.files, store === undefined ? [] : [store]);

  const silent = answered.map(({ event }) => ({ event, session: undefined }));
  const shouting = answered.map(({ event }) => ({
    event,
    session: { status: 'linked', verdict: 'different_source', fidelity: 'high', revealed: true } as const,
  }));

  const planted = log.sessions.filter(({ expected }) => expected !== 'quiet').length;
  assert.ok(planted > 10 && planted < log.sessions.length - 10);
  assert.ok(faultsIn(silent, log.sessions).length >= planted);
  assert.ok(faultsIn(shouting, log.sessions).length >= log.sessions.length - planted);
});

test('a seed makes the same log each time, and another seed another one', () => {
  const text = (seed: number): string => JSON.stringify(generateLog(seed));

  assert.equal(text(1), text(1));
  assert.notEqual(text(1), text(2));
});

/** Takes the batches from one queue, several at once on each of several replicas. */
async function answer(batches: Batches, replicas: readonly Store[]): Promise<Answered[]> {
  const answered: Answered[] = [];
  let next = 0;
  const work = async (store: Store): Promise<void> => {
    for (let batch = batches[next++]; batch !== undefined; batch = batches[next++]) {
      const { answers } = await enrichBatch(store, batch);
      for (const [index, event] of batch.entries()) answered.push({ event, session: answers[index] });
    }
  };
  const concurrency = replicas.length === 1 ? 1 : CONCURRENCY;
  await Promise.all(replicas.flatMap((store) => Array.from({ length: concurrency }, () => work(store))));
  await Promise.all(replicas.map((store) => store.close()));
  return answered;
}

/** One store, or two that share another one. */
function openReplicas(count: 1 | 2): readonly Store[] {
  const now = (): number => 0;
  const memory = () => createMemoryStore({ maxBytes: 256e6, now });
  if (count === 1) return [memory()];
  const shared = memory();
  const remote: RemoteStore = {
    generation: 0,
    exchange: async (contributions) => {
      // As on a network, what was sent later may be merged first.
      if (contributions.length % 2 === 1) await new Promise((resolve) => setImmediate(resolve));
      return { records: shared.exchangeNow(contributions), unanswered: new Set(), refused: new Set() };
    },
    probe: async () => true,
    close: async () => undefined,
  };
  return [1, 2].map(() => createTieredStore({ memory: memory(), remote, timeoutMs: 1000, now }));
}

function describe({ files, sessions }: GeneratedLog): string {
  const events = files.reduce((sum, file) => sum + file.length, 0);
  const planted = sessions.filter(({ expected }) => expected === 'reported').length;
  return `${events} records in ${files.length} files, ${sessions.length} sessions, ${planted} of them stolen`;
}

function singly(events: readonly CloudTrailEvent[]): Batches {
  return events.map((event) => [event]);
}
