import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addKeyKinds, type FirstKeyKind, firstKeyKind } from '../../src/enrichment/first-key-kind.ts';
import type { KeyKind, KeyKindUse } from '../../src/sessions/key-kind.ts';
import { createMemoryStore } from '../../src/store/memory-store.ts';
import type { Contribution, Store } from '../../src/store/port.ts';
import { createTieredStore } from '../../src/store/tiered-store.ts';
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

test('two replicas on one store agree on which event is the first use', async () => {
  const shared = createMemoryStore({ maxBytes: 1e6, now: () => 1 });
  const replica = (): Store =>
    createTieredStore({
      memory: createMemoryStore({ maxBytes: 1e6, now: () => 1 }),
      remote: {
        generation: 0,
        exchange: async (asked) => ({
          records: shared.exchangeNow(asked),
          unanswered: new Set(),
          refused: new Set(),
        }),
        probe: async () => true,
        close: async () => undefined,
      },
      timeoutMs: 10,
      now: () => 1,
    });
  const [one, other] = [replica(), replica()];
  const isFirst = async (store: Store, day: number, eventId: string, kind: KeyKind): Promise<boolean> => {
    const time = `2024-05-${String(day).padStart(2, '0')}T09:00:00Z`;
    const keyKind: KeyKindUse = { principal: 'principal:mara', time, eventId, kind };
    const contributions: Contribution[] = [];
    addKeyKinds(contributions, [{ keyKind }]);
    const { records } = await store.exchange(contributions);
    return firstKeyKind(keyKind, records) !== undefined;
  };

  assert.equal(await isFirst(one, 1, 'a', 'console'), false);
  assert.equal(await isFirst(other, 20, 'b', 'long_term_key'), true);
  assert.equal(await isFirst(one, 21, 'c', 'long_term_key'), false);
  assert.equal(await isFirst(one, 20, 'b', 'long_term_key'), true, 'sent again to the other replica');
  assert.equal(await isFirst(other, 22, 'd', 'long_term_key'), false);
  assert.equal(await isFirst(other, 20, 'b', 'long_term_key'), true, 'sent again, answered from memory');
  await Promise.all([one.close(), other.close()]);
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
