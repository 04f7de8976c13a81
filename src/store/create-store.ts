import { createMemoryStore } from './memory-store.ts';
import type { LocalStore, Store } from './port.ts';
import type { StoreEvents } from './store-events.ts';
import type { StoreTarget } from './store-url.ts';
import { createTieredStore } from './tiered-store.ts';
import { createValkeyClient } from './valkey-client.ts';
import { createValkeyStore } from './valkey-store.ts';

export type CreateStoreOptions = {
  readonly target: StoreTarget;
  /** How long an exchange waits for the shared store. */
  readonly timeoutMs: number;
  readonly memoryMaxBytes: number;
  /** A monotonic clock in milliseconds, for times to live and durations. */
  readonly now: () => number;
  readonly events?: StoreEvents;
};

/** The configured store with the sizes that metrics show. */
export type ConfiguredStore = Store & {
  readonly memory: { readonly entries: number; readonly bytes: number };
  /** Only where memory is all there is. */
  readonly local?: LocalStore;
};

/**
 * Memory alone, or memory in front of Valkey or Redis. Connecting happens in the background: a server
 * that is away delays no start, its exchanges are `degraded` until it comes.
 */
export function createStore(options: CreateStoreOptions): ConfiguredStore {
  const { target, timeoutMs, memoryMaxBytes, now, events } = options;
  const memory = createMemoryStore({
    maxBytes: memoryMaxBytes,
    now,
    ...(events?.evicted !== undefined && { onEvict: events.evicted }),
  });
  if (target.kind === 'memory') {
    return { exchange: memory.exchange, local: memory, close: memory.close, memory };
  }
  const remote = createValkeyStore(createValkeyClient(target));
  const tiered = createTieredStore({
    memory,
    remote,
    timeoutMs,
    now,
    ...(events !== undefined && { events }),
  });
  return { exchange: tiered.exchange, close: tiered.close, memory };
}
