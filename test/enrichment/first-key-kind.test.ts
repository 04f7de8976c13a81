import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addKeyKinds, type FirstKeyKind, firstKeyKind } from '../../src/enrichment/first-key-kind.ts';
import type { KeyKind, KeyKindUse } from '../../src/sessions/key-kind.ts';
import { createMemoryStore } from '../../src/store/memory-store.ts';
import type { Contribution } from '../../src/store/port.ts';
import { readCases } from '../read-cases.ts';

/** `[time, id, kind]`, by one principal. */
type Use = readonly [time: string, id: string, kind: KeyKind];
/** Batches in the order of their arrival; by event id what its last answer must be. */
type Expected = Readonly<Record<string, FirstKeyKind | null>>;

for (const { name, why, input, expected } of readCases<readonly (readonly Use[])[], Expected>(
  'sessions/first-key-kinds.json',
)) {
  test(name, () => {
    const store = createMemoryStore({ maxBytes: 1e6, now: () => 0 });
    const answers: Record<string, FirstKeyKind | null> = {};

    for (const batch of input) {
      const uses = batch.map(
        ([time, eventId, kind]): KeyKindUse => ({ principal: 'principal:mara', time, eventId, kind }),
      );
      const contributions: Contribution[] = [];
      addKeyKinds(
        contributions,
        uses.map((keyKind) => ({ keyKind })),
      );
      const records = store.exchangeNow(contributions);
      for (const use of uses) answers[use.eventId] = firstKeyKind(use, records) ?? null;
    }

    assert.deepEqual(answers, expected, why);
  });
}

test('a batch without users adds nothing, and one with many adds one contribution for each', () => {
  const nothing: Contribution[] = [];
  addKeyKinds(nothing, [{ keyKind: undefined }]);
  const uses = Array.from({ length: 300_000 }, (_, index) => ({
    keyKind: {
      principal: `principal:${index % 150_000}`,
      time: '2024-05-06T09:00:00Z',
      eventId: `event-${index}`,
      kind: 'console' as const,
    },
  }));
  const many: Contribution[] = [];
  addKeyKinds(many, uses);

  assert.deepEqual(nothing, []);
  assert.equal(many.length, 150_000);
  assert.ok(many.every(({ operations }) => operations.length === 2));
});

test('a damaged record says nothing', () => {
  const use: KeyKindUse = { principal: 'p', time: '2024-05-06T09:00:00Z', eventId: 'e', kind: 'console' };
  const own = '00000002|e|2024-05-06T09:00:00Z';

  for (const other of ['', '00000001|x', '00000001|x|yesterday', 'x|y|2024-05-06T08:00:00Z', '\n']) {
    const record = new Map([
      ['C', own],
      ['L', other],
    ]);
    assert.equal(firstKeyKind(use, new Map([['p', record]])), undefined, other);
  }
});
