import { LRUCache } from 'lru-cache';
import { applyOperations } from './apply-operations.ts';
import { createBacklog } from './backlog.ts';
import { createCircuitBreaker } from './circuit-breaker.ts';
import { LiveRecord } from './live-record.ts';
import type { MemoryStore } from './memory-store.ts';
import type { Contribution, Exchanged, Store, StoredRecord } from './port.ts';
import type { StoreEvents } from './store-events.ts';
import type { RemoteStore } from './valkey-store.ts';

export type TieredStoreOptions = {
  readonly memory: MemoryStore;
  readonly remote: RemoteStore;
  /** How long an exchange waits for the shared store. */
  readonly timeoutMs: number;
  /** Bound of what is kept to be sent when the server is back. */
  readonly backlogMaxBytes?: number;
  /** Bound of what was confirmed lately and is sent again to a server that may have lost it. */
  readonly journalMaxBytes?: number;
  readonly events?: StoreEvents;
  /** Monotonic milliseconds, for durations. */
  readonly now: () => number;
};

const BACKLOG_MAX_BYTES = 32 * 1024 * 1024;
const JOURNAL_MAX_BYTES = 16 * 1024 * 1024;
/** Exchanges in a row that failed before the shared store is left alone. */
const FAILURES_TO_OPEN = 3;
const MIN_PAUSE_MS = 100;
const MAX_PAUSE_MS = 5000;
/** Catching up is not in anybody's way: it may take its time. */
const CATCH_UP_TIMEOUT_MS = 2000;
const CATCH_UP_KEYS = 500;
/** How often the store is greeted at start before it counts as away: two seconds, which connecting may take. */
const GREETINGS = 20;
const GREETING_PAUSE_MS = 100;
/** For how long, and of how many keys, memory may answer what is settled: then the store is asked again. */
const SETTLED_MS = 3_600_000;
const SETTLED_KEYS = 65_536;

/**
 * Memory in front of a shared store. While the shared store answers, its records are the truth, and memory
 * serves only what can not change (any more); what it answers is remembered, so that verdicts go on when it is
 * away. Then memory alone merges and answers, `degraded`, and what it learns is sent when the server is
 * back, within a bound. So is what was confirmed lately whenever a new connection was made: the server
 * may have restarted without its data.
 */
export function createTieredStore(options: TieredStoreOptions): Store {
  const { memory, remote, timeoutMs, events, now } = options;
  const backlog = createBacklog(options.backlogMaxBytes ?? BACKLOG_MAX_BYTES);
  const breaker = createCircuitBreaker({
    threshold: FAILURES_TO_OPEN,
    minPauseMs: MIN_PAUSE_MS,
    maxPauseMs: MAX_PAUSE_MS,
    onChange: (state) => events?.breakerChanged?.(state),
  });
  const journal = createBacklog(options.journalMaxBytes ?? JOURNAL_MAX_BYTES);
  const settled = new LRUCache<string, true>({
    max: SETTLED_KEYS,
    ttl: SETTLED_MS,
    ttlResolution: 0,
    perf: { now },
  });
  let generation = remote.generation;
  let probing: NodeJS.Timeout | undefined;
  let greeting: NodeJS.Timeout | undefined;
  let closed = false;
  let up: boolean | undefined;
  events?.breakerChanged?.('closed');
  greet(GREETINGS);

  async function exchange(contributions: readonly Contribution[]): Promise<Exchanged> {
    if (remote.generation !== generation) beginAgain();
    const records = new Map<string, StoredRecord>();
    const asked = contributions.filter((contribution) => !serveFromMemory(contribution, records));
    if (asked.length === 0) return { records, degraded: false };
    if (breaker.state === 'open') return answerAlone(asked, records);
    const started = now();
    const sent = backlog.keys === 0 ? asked : asked.map(withBacklog);
    const { records: merged, unanswered, refused } = await remote.exchange(sent, timeoutMs);
    const failed = unanswered.size > 0;
    events?.exchanged?.('exchange', (now() - started) / 1000, !failed && refused.size === 0);
    setUp(!failed);
    for (const contribution of sent) {
      const { key, ttlMs } = contribution;
      if (unanswered.has(key)) continue;
      journal.add(contribution);
      const record = merged.get(key);
      if (record === undefined || records.has(key)) continue;
      records.set(key, record);
      memory.replace(key, record, ttlMs);
      if (contribution.settles === true) settled.set(key, true);
    }
    if (!failed) {
      breaker.succeeded();
      if (backlog.keys > 0) scheduleProbe();
    } else {
      breaker.failed();
      scheduleProbe();
    }
    if (!failed && refused.size === 0) return { records, degraded: false };
    // To send what was refused again would be refused again.
    for (const key of refused) settled.delete(key);
    answerLocally(
      sent.filter(({ key }) => refused.has(key)),
      records,
    );
    return answerAlone(
      sent.filter(({ key }) => unanswered.has(key)),
      records,
    );
  }

  /** With what is still to be sent about the same key, or the answer would know less than memory did. */
  function withBacklog(contribution: Contribution): Contribution {
    const kept = backlog.takeKey(contribution.key);
    if (kept === undefined) return contribution;
    return { ...contribution, operations: [...kept.operations, ...contribution.operations] };
  }

  /** A new connection: with anything to send again, nobody is asked until it is sent. */
  function beginAgain(): void {
    generation = remote.generation;
    settled.clear();
    for (let batch = journal.take(CATCH_UP_KEYS); batch.length > 0; batch = journal.take(CATCH_UP_KEYS)) {
      for (const contribution of batch) backlog.add(contribution);
    }
    if (backlog.keys === 0) return;
    breaker.trip();
    scheduleProbe(0);
  }

  function setUp(value: boolean): void {
    if (value !== up) events?.upChanged?.(value);
    up = value;
  }

  /** Finds out whether the store is there, so that a replica without requests knows it too. */
  function greet(attempts: number): void {
    greeting = setTimeout(async () => {
      const alive = await remote.probe(2 * timeoutMs);
      if (closed || up !== undefined) return;
      if (alive) setUp(true);
      else if (attempts > 1) greet(attempts - 1);
      else {
        setUp(false);
        scheduleProbe();
      }
    }, GREETING_PAUSE_MS);
    greeting.unref();
  }

  /** Answers from memory what can not change any more, or not by these operations. */
  function serveFromMemory(contribution: Contribution, records: Map<string, StoredRecord>): boolean {
    const { key, operations, immutable, settles } = contribution;
    if (immutable !== true && (settles !== true || !settled.has(key))) return false;
    const known = memory.read(key);
    if (known === undefined || known.size === 0) return false;
    // The copy is ours; it is only put to use when it stays as it was.
    if (immutable !== true && applyOperations(LiveRecord.from(known), operations)) return false;
    records.set(key, known);
    return true;
  }

  function answerAlone(asked: readonly Contribution[], records: Map<string, StoredRecord>): Exchanged {
    for (const contribution of asked) {
      backlog.add(contribution);
      // What memory merges alone, the store has not confirmed.
      settled.delete(contribution.key);
    }
    answerLocally(asked, records);
    return { records, degraded: true };
  }

  function answerLocally(asked: readonly Contribution[], records: Map<string, StoredRecord>): void {
    for (const [key, record] of memory.exchangeNow(asked)) records.set(key, record);
  }

  function scheduleProbe(pauseMs = breaker.pauseMs): void {
    if (probing !== undefined || closed) return;
    probing = setTimeout(() => {
      recover().then(
        (done) => {
          probing = undefined;
          if (!done) scheduleProbe();
        },
        () => {
          probing = undefined;
        },
      );
    }, pauseMs);
    probing.unref();
  }

  /**
   * Sends the backlog and lets requests through again; false when there is more to do later, because the
   * server is still away or already away again.
   */
  async function recover(): Promise<boolean> {
    const started = now();
    const alive = await remote.probe(2 * timeoutMs);
    events?.exchanged?.('probe', (now() - started) / 1000, alive);
    setUp(alive);
    if (!alive) return false;
    if (remote.generation !== generation) beginAgain();
    let left = backlog.keys;
    while (left > 0 && !closed) {
      if (!(await sendBacklog(left))) return false;
      // Under load there is always more: as much as came during this round will come during the next.
      const isLast = backlog.keys <= CATCH_UP_KEYS || backlog.keys > left / 2;
      left = isLast ? 0 : backlog.keys;
    }
    if (breaker.state === 'open') breaker.close();
    // Requests go through again, and take along what is left of their keys.
    return (await sendBacklog(backlog.keys)) && backlog.keys === 0;
  }

  /** Sends the oldest of what is kept; false when not all of it was answered. */
  async function sendBacklog(keys: number): Promise<boolean> {
    for (let sent = 0; sent < keys && backlog.keys > 0 && !closed; sent += CATCH_UP_KEYS) {
      const batch = backlog.take(CATCH_UP_KEYS);
      const from = now();
      const { unanswered } = await remote.exchange(batch, CATCH_UP_TIMEOUT_MS);
      events?.exchanged?.('catch_up', (now() - from) / 1000, unanswered.size === 0);
      for (const contribution of batch) {
        (unanswered.has(contribution.key) ? backlog : journal).add(contribution);
      }
      if (unanswered.size > 0) return false;
    }
    return true;
  }

  return {
    exchange,
    close: async () => {
      closed = true;
      clearTimeout(probing);
      clearTimeout(greeting);
      await remote.close();
      await memory.close();
    },
  };
}
