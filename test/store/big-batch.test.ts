import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openStore } from './open-store.ts';
import { skipWithoutServer, startServer } from './redis-server.ts';

const skip = skipWithoutServer();
const KEYS = 5000;
/** Far less than a server needs for so many keys, enough for one. */
const TIMEOUT_MS = 25;

test('a batch of thousands of keys is given the time that it takes, and is not degraded', {
  skip,
}, async (t) => {
  const server = await startServer(t);
  const store = await openStore(t, `redis://127.0.0.1:${server.port}`, { timeoutMs: TIMEOUT_MS });
  const batch = (field: string) =>
    Array.from({ length: KEYS }, (_none, n) => ({
      key: `test:${n}`,
      ttlMs: 60_000,
      operations: [{ op: 'min', field, value: 'x' } as const],
    }));

  const alone = await store.exchange(batch('a'));
  const together = await Promise.all(['b', 'c'].map((field) => store.exchange(batch(field))));

  assert.deepEqual(
    [alone, ...together].map(({ degraded, records }) => [degraded, records.size]),
    [1, 2, 3].map(() => [false, KEYS]),
  );
});
