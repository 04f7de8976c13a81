import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { createMemoryStore } from '../../src/store/memory-store.ts';
import type { Contribution, Store } from '../../src/store/port.ts';
import { createTieredStore } from '../../src/store/tiered-store.ts';
import { until } from './redis-server.ts';

/** How a replica comes back to its shared store while requests go on. */

const member = (key: string, value: string): Contribution => ({
  key,
  ttlMs: 60_000,
  operations: [{ op: 'keep', field: 'f', member: value, limit: 10, end: 'smallest' }],
});

test('requests that go on meanwhile do not keep a replica from coming back', async (t) => {
  const { store, state } = replica(t);
  state.away = true;
  for (let n = 0; n < 2000; n += 1) await store.exchange([member(`before:${n}`, 'x')]);

  // As many new keys come with each exchange as it sends.
  let came = 0;
  state.whileAsked = async (sent) => {
    for (const _one of sent) {
      came += 1;
      if (came < 100_000) await store.exchange([member(`meanwhile:${came}`, 'x')]);
    }
  };
  state.away = false;
  await until(() => state.breaker === 'closed');

  assert.ok(came < 100_000, 'it came back before the requests ended');
  state.whileAsked = undefined;
  await until(() => state.holds('before:0') && state.holds(`meanwhile:${came}`));
});

test('an answer of the shared store knows what was learned alone and not sent yet', async (t) => {
  const { store, state } = replica(t);

  state.away = true;
  await store.exchange([member('key', 'alone')]);
  state.away = false;
  const { records, degraded } = await store.exchange([member('key', 'together')]);

  assert.equal(degraded, false);
  assert.equal(records.get('key')?.get('f'), 'alone\ntogether');
});

test('what was taken along and not answered is not lost', async (t) => {
  const { store, state } = replica(t);

  state.away = true;
  await store.exchange([member('key', 'first')]);
  await store.exchange([member('key', 'second')]);
  state.away = false;
  const { records } = await store.exchange([member('key', 'third')]);

  assert.equal(records.get('key')?.get('f'), 'first\nsecond\nthird');
});

type State = {
  away: boolean;
  breaker: string;
  /** Runs while an exchange with the shared store is under way, with what was sent. */
  whileAsked: ((sent: readonly Contribution[]) => Promise<void>) | undefined;
  /** Whether the shared store has a record of the key. */
  holds(key: string): boolean;
};

/** A tiered store over a remote one that is a memory store too. */
function replica(t: TestContext): { readonly store: Store; readonly state: State } {
  const now = (): number => 1;
  const shared = createMemoryStore({ maxBytes: 64e6, now });
  const state: State = {
    away: false,
    breaker: 'closed',
    whileAsked: undefined,
    holds: (key) => shared.read(key) !== undefined,
  };
  const store = createTieredStore({
    memory: createMemoryStore({ maxBytes: 64e6, now }),
    timeoutMs: 10,
    now,
    events: {
      breakerChanged: (breaker) => {
        state.breaker = breaker;
      },
    },
    remote: {
      generation: 0,
      exchange: async (contributions) => {
        const keys = contributions.map(({ key }) => key);
        if (state.away) return { records: new Map(), unanswered: new Set(keys), refused: new Set() };
        if (state.breaker === 'open') await state.whileAsked?.(contributions);
        return { records: shared.exchangeNow(contributions), unanswered: new Set(), refused: new Set() };
      },
      probe: async () => !state.away,
      close: async () => undefined,
    },
  });
  t.after(() => store.close());
  return { store, state };
}
