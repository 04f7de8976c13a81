import type { LiveRecord } from './live-record.ts';
import { WorkingRecord } from './working-record.ts';

/** More records at work would not be found faster than those at rest. */
const MOST_RECORDS = 16_384;
/** What a record at work takes besides its texts: objects, arrays, the Map's entry, what readers made of it. */
const RECORD_OVERHEAD_BYTES = 3000;

/**
 * The records at work, bounded in bytes and number. Those not used since they were last looked at go first
 * (second chance, which needs no bookkeeping when a record is used).
 */
export class WorkingSet {
  readonly #byKey = new Map<string, WorkingRecord>();
  readonly #maxBytes: number;
  readonly #rest: (key: string, record: WorkingRecord) => void;
  #bytes = 0;

  /** @param rest takes a record that leaves */
  constructor(maxBytes: number, rest: (key: string, record: WorkingRecord) => void) {
    this.#maxBytes = maxBytes;
    this.#rest = rest;
  }

  get size(): number {
    return this.#byKey.size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get(key: string): WorkingRecord | undefined {
    return this.#byKey.get(key);
  }

  add(key: string, live: LiveRecord, expiresAt: number): WorkingRecord {
    this.delete(key);
    const added = new WorkingRecord(live, expiresAt, (working) => this.recount(key, working));
    this.#byKey.set(key, added);
    this.recount(key, added);
    return added;
  }

  delete(key: string): void {
    const known = this.#byKey.get(key);
    if (known === undefined) return;
    this.#byKey.delete(key);
    this.#bytes -= known.bytes;
    known.leave();
  }

  /** Lays records to rest until the bounds are kept. */
  shrink(): void {
    if (this.#bytes <= this.#maxBytes && this.#byKey.size <= MOST_RECORDS) return;
    // A Map goes through what is set again while it is gone through: at most twice over every record.
    for (const [key, working] of this.#byKey) {
      this.#byKey.delete(key);
      if (working.used) {
        working.used = false;
        this.#byKey.set(key, working);
        continue;
      }
      this.#bytes -= working.bytes;
      this.#rest(key, working);
      working.leave();
      if (this.#bytes <= this.#maxBytes && this.#byKey.size <= MOST_RECORDS) return;
    }
  }

  clear(): void {
    for (const working of this.#byKey.values()) working.leave();
    this.#byKey.clear();
    this.#bytes = 0;
  }

  /** Counts what a record takes, after it was written. */
  recount(key: string, working: WorkingRecord): void {
    const bytes = 2 * key.length + working.live.bytes + RECORD_OVERHEAD_BYTES;
    this.#bytes += bytes - working.bytes;
    working.bytes = bytes;
  }
}
