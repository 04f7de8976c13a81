import type { BreakerState } from './circuit-breaker.ts';

/** What a store tells about itself, for metrics and the log. Every member may be absent. */
export type StoreEvents = {
  /** One exchange with the shared store: what for, how long, and whether every key was answered in time. */
  readonly exchanged?: (op: 'exchange' | 'probe' | 'catch_up', seconds: number, ok: boolean) => void;
  readonly breakerChanged?: (state: BreakerState) => void;
  /** Told first when the store has answered or has not: about two seconds after the start at the latest. */
  readonly upChanged?: (up: boolean) => void;
  /** A record left memory to make room, or because its time was over. */
  readonly evicted?: (reason: 'evict' | 'expire') => void;
};
