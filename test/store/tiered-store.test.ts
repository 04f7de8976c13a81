import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createMemoryStore } from '../../src/store/memory-store.ts';
import { type Contribution, readFirst } from '../../src/store/port.ts';
import { createTieredStore } from '../../src/store/tiered-store.ts';

const HOUR_MS = 3_600_000;
const LONG_MS = 400 * 24 * HOUR_MS;

/** A tiered store over a remote one that is a memory store too, may be away, and counts what it is asked. */
function tiered() {
  const state = { time: 1, asked: 0, away: false, generation: 0 };
  const now = (): number => state.time;
  const memory = createMemoryStore({ maxBytes: 1e6, now });
  let shared = createMemoryStore({ maxBytes: 1e6, now });
  const store = createTieredStore({
    memory,
    timeoutMs: 10,
    now,
    remote: {
      get generation() {
        return state.generation;
      },
      exchange: async (contributions) => {
        state.asked += contributions.length;
        if (state.away) {
          const unanswered = new Set(contributions.map(({ key }) => key));
          return { records: new Map(), unanswered, refused: new Set() };
        }
        return { records: shared.exchangeNow(contributions), unanswered: new Set(), refused: new Set() };
      },
      probe: async () => !state.away,
      close: async () => undefined,
    },
  });
  const restartEmpty = (): void => {
    shared = createMemoryStore({ maxBytes: 1e6, now });
    state.generation += 1;
  };
  return { state, store, restartEmpty, other: (one: Contribution) => shared.exchangeNow([one]) };
}

const use = (time: string, id: string, settles = true): Contribution => ({
  key: 'principal:mara',
  ttlMs: LONG_MS,
  operations: [
    { op: 'min', field: 'c', value: time },
    { op: 'first', field: 'C', value: id },
  ],
  settles,
});

async function broughtBy(store: ReturnType<typeof tiered>['store'], one: Contribution): Promise<unknown> {
  const { records, degraded } = await store.exchange([one]);
  return [readFirst(records.get(one.key), 'C')?.value, degraded];
}

test('what is settled is answered from memory', async () => {
  const { state, store } = tiered();

  const first = await broughtBy(store, use('09:00', 'a'));
  const second = await broughtBy(store, use('09:01', 'b'));

  assert.deepEqual(
    [first, second],
    [
      ['a', false],
      ['a', false],
    ],
  );
  assert.equal(state.asked, 1);
});

test('what would change the record, or may not be settled, goes to the shared store', async () => {
  const { state, store } = tiered();

  await broughtBy(store, use('09:00', 'a'));
  await broughtBy(store, use('08:00', 'b'));
  await broughtBy(store, use('08:00', 'c', false));

  assert.equal(state.asked, 3);
});

test('the shared store is asked again after a while, so that its record lives on', async () => {
  const { state, store } = tiered();

  await broughtBy(store, use('09:00', 'a'));
  state.time += HOUR_MS + 1;
  await broughtBy(store, use('09:01', 'b'));

  assert.equal(state.asked, 2);
});

test('what memory merged alone is not settled: another replica may have come first', async () => {
  const { state, store, other } = tiered();

  state.away = true;
  const alone = await broughtBy(store, use('09:05', 'ours'));
  other(use('09:00', 'theirs'));
  state.away = false;
  const together = await broughtBy(store, use('09:06', 'another'));

  assert.deepEqual(alone, ['ours', true]);
  assert.deepEqual(together, ['theirs', false]);
});

test('a new connection leaves nothing settled', async () => {
  const { store, restartEmpty } = tiered();

  await broughtBy(store, use('09:00', 'a'));
  restartEmpty();
  const after = await broughtBy(store, use('09:01', 'b'));

  assert.deepEqual(after, ['a', true]);
  await store.close();
});
