import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { runSlices } from '../../src/cloudtrail/decode.ts';
import { eventFromObject } from '../../src/cloudtrail/event.ts';
import { sessionContributions } from '../../src/enrichment/session/record-operations.ts';
import { observeSession } from '../../src/sessions/observe.ts';
import { createMemoryStore } from '../../src/store/memory-store.ts';
import type { StoredRecord } from '../../src/store/port.ts';
import { enrichBatch } from '../sessions/mini-pipeline.ts';
import { issueRecord, keyId, serviceIssueRecord, useRecord } from '../sessions/records.ts';

/**
 * Small logs about two keys: one issued to an address, one to an instance; uses from a few addresses, more
 * than are kept of the instance's session.
 */
const TIMES = [
  '2024-05-06T09:00:00Z',
  '2024-05-06T09:01:00Z',
  '2024-05-06T09:02:00.5Z',
  '2024-05-06T11:00:00+02:00',
];
const address = fc.integer({ min: 1, max: 24 }).map((last) => `198.51.100.${last}`);
const record = fc.oneof(
  { weight: 1, arbitrary: fc.constant(issueRecord({ key: 'HUMAN', source: '198.51.100.1' })) },
  {
    weight: 1,
    arbitrary: fc.constant(
      serviceIssueRecord({ key: 'INSTANCE', service: 'ec2.amazonaws.com', session: 'i-0123456789abcdef0' }),
    ),
  },
  {
    weight: 8,
    arbitrary: fc
      .record({ source: address, time: fc.constantFrom(...TIMES), human: fc.boolean(), number: fc.nat(60) })
      .map(({ source, time, human, number }) =>
        useRecord({
          key: human ? 'HUMAN' : 'INSTANCE',
          session: human ? 'work' : 'i-0123456789abcdef0',
          source,
          time,
          // Of one id there is one record: what comes twice is the same.
          id: `use-${human}-${source}-${number}-${TIMES.indexOf(time)}`,
        }),
      ),
  },
);
const log = fc.array(record, { minLength: 1, maxLength: 60 });

/** A log, the same in another order with some records repeated, and where to cut it into batches. */
const rearranged = log.chain((records) =>
  fc.record({
    records: fc.constant(records),
    other: fc
      .tuple(fc.shuffledSubarray(records, { minLength: records.length }), fc.shuffledSubarray(records))
      .map(([all, repeated]) => [...all, ...repeated]),
    size: fc.integer({ min: 1, max: 20 }),
  }),
);

test('any order, partition and repetition of a log ends in the same state', async () => {
  await fc.assert(
    fc.asyncProperty(rearranged, async ({ records, other, size }) => {
      const whole = await stateAfter([records]);
      const pieces: Record<string, unknown>[][] = [];
      for (let start = 0; start < other.length; start += size) pieces.push(other.slice(start, start + size));

      assert.deepEqual(await stateAfter(pieces), whole);
    }),
    { numRuns: 150 },
  );
});

test('a batch answers the same whatever the order of its records', async () => {
  await fc.assert(
    fc.asyncProperty(rearranged, async ({ records, other }) => {
      const first = await answersOf(records);
      const second = await answersOf(other);

      assert.deepEqual(second, first);
    }),
    { numRuns: 150 },
  );
});

test('a source of a key that was issued to an address is revealed once at most', async () => {
  await fc.assert(
    fc.asyncProperty(log, async (records) => {
      const store = createMemoryStore({ maxBytes: 1e7, now: () => 0 });
      const revealing = new Map<string, Set<string>>();
      const foreign = new Set<string>();
      for (const one of records) {
        const event = eventFromObject(one);
        const { answers } = await enrichBatch(store, [event]);
        const [answer] = answers;
        if (JSON.stringify(one).includes(keyId('HUMAN')) && answer?.revealed === true) {
          const sources = answer.late?.map(({ source }) => source) ?? [event.sourceIPAddress ?? ''];
          for (const source of sources) {
            revealing.set(source, (revealing.get(source) ?? new Set()).add(event.eventID ?? ''));
          }
        }
        if (answer?.verdict === 'different_source') foreign.add(event.sourceIPAddress ?? '');
      }

      for (const [source, events] of revealing) assert.equal(events.size, 1, source);
    }),
    { numRuns: 150 },
  );
});

/** All records, without what remembers the order of arrival. */
async function stateAfter(batches: readonly (readonly Record<string, unknown>[])[]): Promise<unknown> {
  const store = createMemoryStore({ maxBytes: 1e7, now: () => 0 });
  const state = new Map<string, StoredRecord>();
  for (const batch of batches) {
    const observations = batch.map((one) => observeSession(eventFromObject(one)));
    const { records } = await store.exchange(
      runSlices(sessionContributions(observations.map((session) => ({ session })))),
    );
    for (const [key, merged] of records) state.set(key, merged);
  }
  return [...state]
    .map(
      ([key, merged]) =>
        [key, [...merged].filter(([field]) => !/(?:^|\/)b$|^#$/.test(field)).sort()] as const,
    )
    .sort(([a], [b]) => (a < b ? -1 : 1));
}

async function answersOf(records: readonly Record<string, unknown>[]): Promise<unknown> {
  const store = createMemoryStore({ maxBytes: 1e7, now: () => 0 });
  const events = records.map(eventFromObject);
  const { answers } = await enrichBatch(store, events);
  return new Map(events.map((event, index) => [event.eventID, answers[index]] as const).sort());
}
