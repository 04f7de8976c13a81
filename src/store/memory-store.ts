import { LRUCache } from 'lru-cache';
import { applyOperations } from './apply-operations.ts';
import { LiveRecord } from './live-record.ts';
import { type PackedRecord, packedSize, packRecord, unpackRecord } from './packed-record.ts';
import type { Contribution, Exchanged, LocalStore, Operation, Store, StoredRecord } from './port.ts';
import type { WorkingRecord } from './working-record.ts';
import { WorkingSet } from './working-set.ts';

export type MemoryStoreOptions = {
  /** How many bytes the store may hold; beyond it the longest unused records go. */
  readonly maxBytes: number;
  /** The clock, in milliseconds, for times to live. */
  readonly now: () => number;
  /** Told of every record that left without being replaced. */
  readonly onEvict?: (reason: 'evict' | 'expire') => void;
};

/** {@link Store} in this process's memory, with what the tiered store and the metrics need besides. */
export interface MemoryStore extends Store, LocalStore {
  /** The record of `key`, without any merge; undefined when there is none. */
  read(key: string): StoredRecord | undefined;
  /** Puts a record in place of whatever is there: the shared store's answer. */
  replace(key: string, record: StoredRecord, ttlMs: number): void;
  readonly entries: number;
  readonly bytes: number;
}

/** The part of the bytes that records at work may take. */
const WORKING_SHARE = 0.25;
/** Keys at rest of which is known that they were asked for. */
const LATELY_KEYS = 16_384;
const NO_OPERATIONS: readonly Operation[] = [];

/**
 * A {@link MemoryStore}, bounded in bytes, every record with its time to live. Records that are in use stay
 * at work, ready to be changed in place; those that are not are laid to rest as one text each.
 */
export function createMemoryStore(options: MemoryStoreOptions): MemoryStore {
  const { maxBytes, now, onEvict } = options;
  // Read once per exchange, not once per key.
  let time = now();
  const resting = new LRUCache<string, PackedRecord>({
    maxSize: Math.ceil(maxBytes * (1 - WORKING_SHARE)),
    sizeCalculation: (packed, key) => packedSize(key, packed),
    perf: { now: () => time },
    ttlResolution: 0,
    ttl: 1,
    ...(onEvict !== undefined && {
      dispose: (_packed: PackedRecord, _key: string, reason: LRUCache.DisposeReason) => {
        if (reason === 'evict' || reason === 'expire') onEvict(reason);
      },
    }),
  });
  const lately = new LRUCache<string, true>({ max: LATELY_KEYS });
  const working = new WorkingSet(Math.floor(maxBytes * WORKING_SHARE), (key, { live, expiresAt }) => {
    if (expiresAt > time) resting.set(key, packRecord(live), { ttl: expiresAt - time });
    else onEvict?.('expire');
  });

  /** The record of `key` at work, woken when it rests. */
  function find(key: string): WorkingRecord | undefined {
    const known = working.get(key);
    if (known === undefined) return wake(key);
    if (known.expiresAt > time) {
      known.used = true;
      return known;
    }
    working.delete(key);
    onEvict?.('expire');
    return undefined;
  }

  /** A record asked for again so soon will be asked for once more: it goes to work. */
  function wake(key: string): WorkingRecord | undefined {
    if (!lately.has(key)) {
      lately.set(key, true);
      return undefined;
    }
    const packed = resting.get(key);
    if (packed === undefined) return undefined;
    const expiresAt = time + resting.getRemainingTTL(key);
    resting.delete(key);
    return working.add(key, unpackRecord(packed), expiresAt);
  }

  /** Merges into a record that rests, and lays it back: most of a million sessions are seen once an hour. */
  function mergeAtRest(key: string, operations: readonly Operation[], ttlMs: number): LiveRecord | undefined {
    const packed = resting.get(key);
    if (packed === undefined) return undefined;
    const record = unpackRecord(packed);
    if (operations.length > 0) {
      const changed = applyOperations(record, operations);
      resting.set(key, changed ? packRecord(record) : packed, { ttl: ttlMs });
    }
    return record;
  }

  function mergeAtWork(
    key: string,
    known: WorkingRecord,
    operations: readonly Operation[],
    ttlMs: number,
  ): LiveRecord {
    if (operations.length > 0) {
      applyOperations(known.live, operations);
      known.expiresAt = time + ttlMs;
      working.recount(key, known);
    }
    return known.live;
  }

  function begin(key: string, operations: readonly Operation[], ttlMs: number): LiveRecord | undefined {
    if (operations.length === 0) return undefined;
    return mergeAtWork(key, working.add(key, new LiveRecord(), time), operations, ttlMs);
  }

  function exchangeNow(contributions: readonly Contribution[]): Map<string, StoredRecord> {
    time = now();
    const records = new Map<string, StoredRecord>();
    for (const { key, operations, ttlMs } of contributions) {
      const known = find(key);
      const record =
        known === undefined
          ? (mergeAtRest(key, operations, ttlMs) ?? begin(key, operations, ttlMs))
          : mergeAtWork(key, known, operations, ttlMs);
      if (record !== undefined) records.set(key, record);
    }
    working.shrink();
    return records;
  }

  function replace(key: string, record: StoredRecord, ttlMs: number): void {
    time = now();
    resting.delete(key);
    working.add(key, LiveRecord.from(record), time + ttlMs);
    working.shrink();
  }

  return {
    exchangeNow,
    hold: (key) => working.get(key),
    begin: () => {
      time = now();
      working.shrink();
      return time;
    },
    exchange: (contributions): Promise<Exchanged> =>
      Promise.resolve({ records: exchangeNow(contributions), degraded: false }),
    read: (key) => {
      time = now();
      const found = find(key)?.live ?? mergeAtRest(key, NO_OPERATIONS, 0);
      working.shrink();
      return found;
    },
    replace,
    close: () => {
      working.clear();
      resting.clear();
      lately.clear();
      return Promise.resolve();
    },
    get entries() {
      return working.size + resting.size;
    },
    get bytes() {
      return working.bytes + resting.calculatedSize;
    },
  };
}
