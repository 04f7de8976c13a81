import { LRUCache } from 'lru-cache';
import { applyOperations } from './apply-operations.ts';
import { CompactRecord, type PackedRecord, packedSize } from './compact-record.ts';
import type { Contribution, Exchanged, Store, StoredRecord } from './port.ts';

export type MemoryStoreOptions = {
  /** How many bytes the store may hold; beyond it the longest unused records go. */
  readonly maxBytes: number;
  /** The clock, in milliseconds, for times to live. */
  readonly now: () => number;
  /** Told of every record that left without being replaced. */
  readonly onEvict?: (reason: 'evict' | 'expire') => void;
};

/** {@link Store} in this process's memory, with what the tiered store and the metrics need besides. */
export interface MemoryStore extends Store {
  /** What {@link Store.exchange} does, at once. */
  exchangeNow(contributions: readonly Contribution[]): Map<string, StoredRecord>;
  /** The record of `key`, without any merge; undefined when there is none. */
  read(key: string): StoredRecord | undefined;
  /** Puts a record in place of whatever is there: the shared store's answer. */
  replace(key: string, record: StoredRecord, ttlMs: number): void;
  readonly entries: number;
  readonly bytes: number;
}

/** A {@link MemoryStore}, bounded in bytes, every record with its time to live. */
export function createMemoryStore(options: MemoryStoreOptions): MemoryStore {
  const { maxBytes, now, onEvict } = options;
  // Read once per exchange, not once per key.
  let time = now();
  const cache = new LRUCache<string, PackedRecord>({
    maxSize: maxBytes,
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

  function exchangeNow(contributions: readonly Contribution[]): Map<string, StoredRecord> {
    time = now();
    const records = new Map<string, CompactRecord>();
    for (const { key, operations, ttlMs } of contributions) {
      let record = records.get(key);
      if (record === undefined) {
        const packed = cache.get(key);
        if (packed === undefined && operations.length === 0) continue;
        record = new CompactRecord(packed);
        records.set(key, record);
      }
      if (operations.length === 0) continue;
      applyOperations(record, operations);
      cache.set(key, record.pack(), { ttl: ttlMs });
    }
    return records;
  }

  function replace(key: string, record: StoredRecord, ttlMs: number): void {
    time = now();
    const compact = new CompactRecord();
    for (const [field, value] of record) compact.set(field, value);
    cache.set(key, compact.pack(), { ttl: ttlMs });
  }

  return {
    exchangeNow,
    exchange: (contributions): Promise<Exchanged> =>
      Promise.resolve({ records: exchangeNow(contributions), degraded: false }),
    read: (key) => {
      time = now();
      const packed = cache.get(key);
      return packed === undefined ? undefined : new CompactRecord(packed);
    },
    replace,
    close: () => {
      cache.clear();
      return Promise.resolve();
    },
    get entries() {
      return cache.size;
    },
    get bytes() {
      return cache.calculatedSize;
    },
  };
}
