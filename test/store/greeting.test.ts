import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createMemoryStore } from '../../src/store/memory-store.ts';
import { createTieredStore } from '../../src/store/tiered-store.ts';
import type { RemoteStore } from '../../src/store/valkey-store.ts';
import { buildTestApp, metricOf } from '../helpers/test-app.ts';
import { openStore } from './open-store.ts';
import { freePort, skipWithoutServer, startServer, until } from './redis-server.ts';

const skip = skipWithoutServer();
const UP = 'detrails_shared_store_up';

test('a replica without requests finds its store', { skip }, async (t) => {
  const server = await startServer(t);
  const told: boolean[] = [];

  await openStore(t, `redis://127.0.0.1:${server.port}`, {
    awaitServer: false,
    events: { upChanged: (up) => told.push(up) },
  });
  await until(() => told.length > 0);

  assert.deepEqual(told, [true]);
});

test('a replica without requests tells that its store is away, and when it has come', { skip }, async (t) => {
  const server = await startServer(t);
  await server.kill();
  const told: boolean[] = [];
  await openStore(t, `redis://127.0.0.1:${server.port}`, {
    awaitServer: false,
    events: { upChanged: (up) => told.push(up) },
  });
  await until(() => told.length > 0);
  assert.deepEqual(told, [false]);

  await server.start();
  await until(() => told.length > 1);

  assert.deepEqual(told, [false, true]);
});

test('nothing is told while the store may still be connecting', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const told: boolean[] = [];
  let probes = 0;
  const remote: RemoteStore = {
    generation: 0,
    exchange: () => Promise.reject(new Error('nobody asks')),
    probe: () => {
      probes += 1;
      return Promise.resolve(false);
    },
    close: () => Promise.resolve(),
  };
  const memory = createMemoryStore({ maxBytes: 1e6, now: () => 0 });
  const store = createTieredStore({
    memory,
    remote,
    timeoutMs: 25,
    now: () => 0,
    events: { upChanged: (up) => told.push(up) },
  });
  const toldBy: number[] = [];
  for (let tenth = 1; tenth <= 30; tenth += 1) {
    t.mock.timers.tick(100);
    await new Promise((resolve) => setImmediate(resolve));
    if (told.length > 0) toldBy.push(tenth);
  }
  await store.close();

  assert.deepEqual(told, [false]);
  assert.equal(toldBy[0], 20, 'after two seconds');
  assert.ok(probes >= 20);
});

test('the metric is absent until the store is known', async (t) => {
  const port = await freePort();
  const app = await buildTestApp(t, { DETRAILS_STORE_URL: `redis://127.0.0.1:${port}` });

  await assert.rejects(metricOf(app, UP), /no metric/);
});
