import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { addKeyKinds, firstKeyKind } from '../../src/enrichment/first-key-kind.ts';
import type { KeyKind, KeyKindUse } from '../../src/sessions/key-kind.ts';
import { createMemoryStore } from '../../src/store/memory-store.ts';
import type { Contribution } from '../../src/store/port.ts';

const KINDS: readonly KeyKind[] = ['console', 'long_term_key', 'session_token'];

/** A use whose id tells all of it: of one id there is one record. */
const use = fc.record({ who: fc.nat(2), kind: fc.constantFrom(...KINDS), day: fc.nat(20) }).map(
  ({ who, kind, day }): KeyKindUse => ({
    principal: `principal:${who}`,
    kind,
    time: `2024-05-${String(day + 1).padStart(2, '0')}T09:00:00Z`,
    eventId: `use-${who}-${kind}-${day}`.replaceAll('_', '-'),
  }),
);
const log = fc.array(use, { minLength: 1, maxLength: 40 });

/** A log, the same in another order with some of it repeated, and where to cut it into batches. */
const rearranged = log.chain((uses) =>
  fc.record({
    uses: fc.constant(uses),
    other: fc
      .tuple(fc.shuffledSubarray(uses, { minLength: uses.length }), fc.shuffledSubarray(uses))
      .map(([all, repeated]) => [...all, ...repeated]),
    size: fc.integer({ min: 1, max: 12 }),
  }),
);

test('any order, partition and repetition of a log ends in the same earliest uses', () => {
  fc.assert(
    fc.property(rearranged, ({ uses, other, size }) => {
      assert.deepEqual(run(batchesOf(other, size)).earliest, run([uses]).earliest);
    }),
  );
});

test('a batch answers the same whatever the order of its records', () => {
  fc.assert(
    fc.property(rearranged, ({ uses, other }) => {
      assert.deepEqual(run([other]).first, run([uses]).first);
    }),
  );
});

test('of every kind of every principal one event is the first use at most, also when all is sent again', () => {
  fc.assert(
    fc.property(rearranged, ({ other, size }) => {
      const batches = batchesOf(other, size);
      const { first } = run([...batches, ...batches]);
      const kinds = [...first.keys()].map((id) => id.replace(/-[0-9]+$/, ''));

      assert.equal(new Set(kinds).size, kinds.length);
    }),
  );
});

test('sent again, an event is a first use exactly when it was', () => {
  fc.assert(
    fc.property(rearranged, ({ other, size }) => {
      const batches = batchesOf(other, size);

      assert.deepEqual(
        [...run([...batches, ...batches]).first.keys()].sort(),
        [...run(batches).first.keys()].sort(),
      );
    }),
  );
});

test('a log that arrives in order names the earliest use of every kind but the first', () => {
  fc.assert(
    fc.property(log, (uses) => {
      const inOrder = [...uses].sort((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0));
      const { first } = run(inOrder.map((one) => [one]));

      for (const one of inOrder) {
        const same = inOrder.filter(
          ({ principal, kind }) => principal === one.principal && kind === one.kind,
        );
        const isKnown = inOrder.some(
          ({ principal, kind, time }) => principal === one.principal && kind !== one.kind && time < one.time,
        );
        assert.equal(first.has(one.eventId), isKnown && same[0]?.eventId === one.eventId, one.eventId);
      }
    }),
  );
});

function batchesOf(uses: readonly KeyKindUse[], size: number): KeyKindUse[][] {
  const batches: KeyKindUse[][] = [];
  for (let start = 0; start < uses.length; start += size) batches.push(uses.slice(start, start + size));
  return batches;
}

/** What is remembered but for the order of arrival, and which events were ever told to be a first use. */
function run(batches: readonly (readonly KeyKindUse[])[]) {
  const store = createMemoryStore({ maxBytes: 1e7, now: () => 0 });
  const earliest: Record<string, string | undefined> = {};
  const first = new Map<string, KeyKind>();
  for (const batch of batches) {
    const contributions: Contribution[] = [];
    addKeyKinds(
      contributions,
      batch.map((keyKind) => ({ keyKind })),
    );
    const records = store.exchangeNow(contributions);
    for (const [principal, record] of records) {
      for (const field of ['c', 'l', 't']) earliest[`${principal} ${field}`] = record.get(field);
    }
    for (const one of batch) {
      const answer = firstKeyKind(one, records);
      if (answer !== undefined) first.set(one.eventId, answer.known_by);
    }
  }
  return { earliest, first };
}
