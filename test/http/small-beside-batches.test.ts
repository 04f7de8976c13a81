import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ConfiguredStore } from '../../src/store/create-store.ts';
import { createMemoryStore } from '../../src/store/memory-store.ts';
import { buildTestApp, until } from '../helpers/test-app.ts';
import { useRecord } from '../sessions/records.ts';

/** More than are in work at once beside a shared store. */
const BATCHES = 6;
const MANY = 600;

test('a single event waits for no batch that waits for the shared store', async (t) => {
  const memory = createMemoryStore({ maxBytes: 1e7, now: () => 1 });
  let held = 0;
  let release: () => void = () => undefined;
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const store: ConfiguredStore = {
    exchange: async (contributions) => {
      if (contributions.length > 1) {
        held++;
        await released;
      }
      return memory.exchange(contributions);
    },
    close: memory.close,
    memory,
  };
  const app = await buildTestApp(t, {}, { store });
  const post = (payload: string) =>
    app.inject({
      method: 'POST',
      url: '/v1/enrich',
      headers: { 'content-type': 'application/json' },
      payload,
    });
  const batch = JSON.stringify({
    Records: Array.from({ length: MANY }, (_, n) => useRecord({ key: `BATCH${n}`, source: '198.51.100.7' })),
  });
  assert.ok(batch.length > 256 * 1024, 'no small body');
  const batches = Array.from({ length: BATCHES }, () => post(batch));
  await until(async () => held >= 4);

  const single = await post(JSON.stringify(useRecord({ key: 'SINGLE', source: '198.51.100.7' })));

  assert.equal(single.statusCode, 200);
  assert.equal(held, 4, 'four batches are in work, and the others wait');
  release();
  for (const answer of await Promise.all(batches))
    assert.equal(answer.headers['detrails-records'], `${MANY}`);
});
