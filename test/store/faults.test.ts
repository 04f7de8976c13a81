import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { eventFromObject } from '../../src/cloudtrail/event.ts';
import type { SessionEnrichment } from '../../src/enrichment/output.ts';
import type { Store } from '../../src/store/port.ts';
import { enrichBatch } from '../sessions/mini-pipeline.ts';
import { issueRecord, useRecord } from '../sessions/records.ts';
import { openStore } from './open-store.ts';
import { skipWithoutServer, startServer, type TestServer, until } from './redis-server.ts';
import { type SlowProxy, startSlowProxy } from './slow-proxy.ts';
import { storeFaults } from './store-faults.ts';

/**
 * What happens to verdicts while the shared store is in trouble. Each fault is real; in each, batches go on
 * being answered (no exchange could have waited for a server that never answered), say `degraded`, still
 * know what this replica saw, and what it learned reaches the other replica afterwards.
 */

const skip = skipWithoutServer();
const TIMEOUT_MS = 25;

for (const { name, begin, end } of storeFaults(TIMEOUT_MS)) {
  test(`batches go on and verdicts come back when the server is ${name}`, { skip }, async (t) => {
    const { server, proxy, replica, other } = await twoReplicas(t);
    await enrich(replica, issueRecord({ key: 'KNOWN', source: '198.51.100.7' }));

    await begin(server, proxy);
    const durations = await loadWhileAway(replica);
    const known = await enrich(replica, useRecord({ key: 'KNOWN', source: '203.0.113.9' }));
    const unseen = await enrich(
      replica,
      useRecord({ key: 'LATER', source: '203.0.113.9', id: 'foreign-use' }),
    );
    await end(server, proxy);
    await untilHealthy(replica);
    await untilHealthy(other);
    const late = await enrich(other, issueRecord({ key: 'LATER', source: '198.51.100.7' }));
    const again = await enrich(other, useRecord({ key: 'KNOWN', source: '203.0.113.9', id: 'again' }));

    t.diagnostic(`${name}: ${durations.length} exchanges meanwhile, p99 ${percentile(durations, 0.99)} ms`);
    assert.deepEqual([known.degraded, known.session?.verdict], [true, 'different_source']);
    assert.equal(known.session?.revealed, true);
    assert.deepEqual([unseen.degraded, unseen.session?.verdict], [true, 'unknown']);
    assert.equal(unseen.session?.reason, 'shared_store_unavailable');
    assert.equal(late.degraded, false);
    assert.equal(late.session?.revealed, true);
    assert.deepEqual(late.session?.late?.[0]?.event_ids, ['foreign-use']);
    assert.deepEqual([again.degraded, again.session?.verdict], [false, 'different_source']);
  });
}

test('a replica that starts without a server works alone and joins when there is one', {
  skip,
}, async (t) => {
  const server = await startServer(t);
  await server.kill();
  const store = await openStoreWithoutServer(t, server);
  const issued = await enrich(store, issueRecord({ key: 'EARLY', source: '198.51.100.7' }));
  assert.equal(issued.degraded, true);

  await server.start();
  await untilHealthy(store);
  const other = await openStore(t, urlOf(server));

  const used = await enrich(other, useRecord({ key: 'EARLY', source: '203.0.113.9' }));
  assert.equal(used.session?.verdict, 'different_source');
});

type Enriched = { readonly session: SessionEnrichment | undefined; readonly degraded: boolean };

async function enrich(store: Store, record: Record<string, unknown>): Promise<Enriched> {
  const { answers, degraded } = await enrichBatch(store, [eventFromObject(record)]);
  return { session: answers[0], degraded };
}

/** Batches one after another and many at once; every one is answered and says that it was degraded. */
async function loadWhileAway(store: Store): Promise<number[]> {
  const durations: number[] = [];
  const one = async (id: number): Promise<void> => {
    const started = performance.now();
    const { session, degraded } = await enrich(store, useRecord({ key: `LOAD${id}`, source: '192.0.2.1' }));
    durations.push(Math.round(performance.now() - started));
    assert.equal(degraded, true);
    assert.ok(session !== undefined);
  };
  for (let id = 0; id < 20; id += 1) await one(id);
  await Promise.all(Array.from({ length: 200 }, (_, id) => one(100 + id)));
  return durations;
}

type Replicas = { server: TestServer; proxy: SlowProxy; replica: Store; other: Store };

/** Two stores on one server, the first through a proxy that can be slow. */
async function twoReplicas(t: TestContext): Promise<Replicas> {
  const server = await startServer(t);
  const proxy = await startSlowProxy(t, server.port);
  const replica = await openStore(t, `redis://127.0.0.1:${proxy.port}`, { timeoutMs: TIMEOUT_MS });
  const other = await openStore(t, urlOf(server));
  return { server, proxy, replica, other };
}

function openStoreWithoutServer(t: TestContext, server: TestServer): Promise<Store> {
  return openStore(t, urlOf(server), { timeoutMs: TIMEOUT_MS, awaitServer: false });
}

async function untilHealthy(store: Store): Promise<void> {
  await until(async () => {
    const probe = { key: 'test:probe', ttlMs: 60_000, operations: [] };
    return !(await store.exchange([probe])).degraded;
  });
}

function urlOf(server: TestServer): string {
  return `redis://127.0.0.1:${server.port}`;
}

function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}
