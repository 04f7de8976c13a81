import assert from 'node:assert/strict';
import { createStore } from '../../src/store/create-store.ts';
import type { Store } from '../../src/store/port.ts';
import type { StoreEvents } from '../../src/store/store-events.ts';
import { parseStoreUrl } from '../../src/store/store-url.ts';
import { type Cleanup, until } from './redis-server.ts';

/** A store on `url`, closed after the test, that has reached its server unless told not to wait for it. */
export async function openStore(
  t: Cleanup,
  url: string,
  options: {
    readonly timeoutMs?: number;
    readonly events?: StoreEvents;
    readonly awaitServer?: boolean;
  } = {},
): Promise<Store> {
  const target = parseStoreUrl(url);
  assert.ok('kind' in target, 'the URL is read');
  const store = createStore({
    target,
    timeoutMs: options.timeoutMs ?? 5000,
    memoryMaxBytes: 64e6,
    now: () => performance.now(),
    ...(options.events !== undefined && { events: options.events }),
  });
  t.after(() => store.close());
  if (options.awaitServer === false) return store;
  await until(async () => {
    const probe = { key: 'test:open', ttlMs: 60_000, operations: [] };
    return !(await store.exchange([probe])).degraded;
  });
  return store;
}
