import { LRUCache } from 'lru-cache';
import type { Contribution, Store } from '../store/port.ts';
import type { PolicyReader, ReadOutcome } from './policy-reader.ts';
import type { KnownPolicy, PolicyRef, PolicyResolver } from './port.ts';

/** What became of a wish, for metrics. */
export type ResolverOutcome = ReadOutcome['outcome'] | 'dropped' | 'known' | 'given_up';

export type QueuedResolverOptions = {
  readonly reader: PolicyReader;
  readonly store: Store;
  /** The pure code that turns a policy into contributions. */
  readonly contributionsOf: (policy: KnownPolicy) => readonly Contribution[];
  /** The clock, in milliseconds. */
  readonly now: () => number;
  /** Waits; resolves early when the resolver closes. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly onOutcome?: (outcome: ResolverOutcome) => void;
  /** Told the number of wishes that wait, whenever it changes. */
  readonly onQueue?: (length: number) => void;
  /** Most wishes that wait (default 1,000). */
  readonly maxQueue?: number;
  /** Calls under way at once (default 2: IAM throttles early). */
  readonly concurrency?: number;
  /** Times a busy IAM is asked before the wish is given up (default 5). */
  readonly maxAttempts?: number;
  /** How long an answered wish is not asked again (default 15 minutes). */
  readonly rememberMs?: number;
  /** First wait after a busy answer, doubled with each further one (default 500 ms, at most 60 s). */
  readonly backOffMs?: number;
};

const MAX_BACK_OFF_MS = 60_000;
const MAX_REMEMBERED = 10_000;

/**
 * A {@link PolicyResolver} with a bounded queue and a few workers. An answered wish, be it that the
 * policy is gone, is not asked again for a while; a busy IAM slows all workers down together.
 */
export function createQueuedResolver(options: QueuedResolverOptions): PolicyResolver {
  const { reader, store, contributionsOf, now, sleep } = options;
  const { maxQueue = 1000, concurrency = 2, maxAttempts = 5 } = options;
  const { rememberMs = 15 * 60 * 1000, backOffMs = 500 } = options;
  const queue = new Map<string, PolicyRef>();
  const underWay = new Map<string, Promise<void>>();
  const answered = new LRUCache<string, true>({
    max: MAX_REMEMBERED,
    ttl: rememberMs,
    perf: { now },
    ttlResolution: 0,
  });
  const closing = new AbortController();
  let busyInARow = 0;

  function want(ref: PolicyRef): void {
    const key = `${ref.account}|${ref.arn}|${ref.version ?? ''}`;
    if (closing.signal.aborted || queue.has(key) || underWay.has(key)) return;
    if (answered.has(key)) {
      report('known');
      return;
    }
    if (queue.size >= maxQueue) {
      report('dropped');
      return;
    }
    queue.set(key, ref);
    options.onQueue?.(queue.size);
    startWorkers();
  }

  function startWorkers(): void {
    for (const [key, ref] of queue) {
      if (underWay.size >= concurrency || closing.signal.aborted) return;
      queue.delete(key);
      options.onQueue?.(queue.size);
      const work = resolve(key, ref).finally(() => {
        underWay.delete(key);
        startWorkers();
      });
      underWay.set(key, work);
    }
  }

  async function resolve(key: string, ref: PolicyRef): Promise<void> {
    for (let attempt = 1; !closing.signal.aborted; attempt += 1) {
      const result = await reader.read(ref);
      report(result.outcome);
      if (result.outcome === 'read') await store.exchange(contributionsOf(result.policy));
      if (result.outcome !== 'busy') {
        busyInARow = 0;
        answered.set(key, true);
        return;
      }
      if (attempt >= maxAttempts) {
        report('given_up');
        return;
      }
      busyInARow += 1;
      await sleep(Math.min(MAX_BACK_OFF_MS, backOffMs * 2 ** (busyInARow - 1)), closing.signal);
    }
  }

  function report(outcome: ResolverOutcome): void {
    options.onOutcome?.(outcome);
  }

  async function close(): Promise<void> {
    closing.abort();
    queue.clear();
    options.onQueue?.(0);
    await Promise.all(underWay.values());
    reader.close();
  }

  return { want, close };
}
