/**
 * The port every kind of shared state goes through: records of string fields that only ever grow
 * together. A contribution is a list of operations on one key's record; the store applies it in one
 * atomic step and answers the merged record. `min`, `max` and `keep` are commutative, associative and
 * idempotent, so any order, partition or repetition of contributions ends in the same record. `first`
 * alone remembers order: it is how exactly one event learns that it was the one that revealed something.
 */

/**
 * One operation on a field. Values are compared as strings by code unit: write times in one fixed-width
 * form (`Date.toISOString()`), numbers zero-padded. No value, field or member holds a line feed.
 *
 * - `min` / `max`: the smaller / larger of old and new. A value may carry data behind its ordering
 *   prefix (`<time>|<event id>|<json>`): then `max` is "the latest wins, whole".
 * - `first`: written only when the field is absent; stored as `<ordinal>|<value>`, where the ordinal
 *   (8 digits, from 00000001) counts this record's `first` writes, so two such fields tell which came first.
 *   The record's field `#` holds the count.
 * - `keep`: adds `member` to a set that keeps its `limit` smallest or largest members and forgets the
 *   rest. A bound by rank is order-independent; a bound by arrival would not be.
 */
export type FieldOperation =
  | { readonly op: 'min' | 'max' | 'first'; readonly field: string; readonly value: string }
  | {
      readonly op: 'keep';
      readonly field: string;
      readonly member: string;
      readonly limit: number;
      readonly end: 'smallest' | 'largest';
    };

/**
 * A {@link FieldOperation}, or operations on the fields of one member of a bounded group: `field` is a set
 * that keeps the `limit` smallest members; while `member` is among them the nested operations apply to
 * the fields `<field>/<member>/<nested field>` (see {@link groupField}), and a member that is displaced
 * takes its fields along. Members hold no slash.
 */
export type Operation =
  | FieldOperation
  | {
      readonly op: 'group';
      readonly field: string;
      readonly member: string;
      readonly limit: number;
      readonly operations: readonly FieldOperation[];
    };

/** The name under which a group member's field is stored. */
export function groupField(group: string, member: string, field: string): string {
  return `${group}/${member}/${field}`;
}

/** What one batch wants merged into one key. Without operations it is a plain read. */
export type Contribution = {
  /** `<kind>:<id>`, ids already hashed where they are sensitive. The adapter adds prefix and version. */
  readonly key: string;
  /** Time to live from the last write, in milliseconds. Every key has one. */
  readonly ttlMs: number;
  readonly operations: readonly Operation[];
  /** True when the record can never change once written (an analysis by hash): memory may serve it. */
  readonly immutable?: boolean;
  /**
   * True when memory may answer for the shared store while the operations change nothing in the record that
   * the store confirmed lately: what they ask is settled then. It is its key's only one in an exchange.
   */
  readonly settles?: boolean;
};

/**
 * A merged record: its fields with their values. Sets (`keep`) read as their members, ascending, joined by
 * line feeds. A record in memory goes on living: it may say more when it is read again.
 */
export interface StoredRecord extends Iterable<readonly [field: string, value: string]> {
  readonly size: number;
  get(field: string): string | undefined;
  /**
   * Grows when a `min` or `first` field changes or a group gets a member: what follows from these alone may be
   * kept while it stays the same. Absent where a record never changes.
   */
  readonly revision?: number;
  /** What a reader made of the record, for itself to find again. */
  reading?: object | undefined;
}

/**
 * A record in this process's memory, held by somebody who will come back to it: looked at again without its
 * key. The store lets go of it when the record leaves memory.
 */
export interface HeldRecord {
  /** Undefined when it left. */
  readonly record: StoredRecord | undefined;
  /** Its {@link StoredRecord.revision}, negative when it left. */
  readonly revision: number;
  /**
   * What an exchange that changes nothing does: the time to live begins anew. False when the record left, or
   * its time to live has ended.
   *
   * @param now of {@link LocalStore.begin}
   */
  renew(now: number, ttlMs: number): boolean;
  /** The fields of a member of a group; undefined when it is none. They are its own while the revision stays. */
  member(group: string, member: string): HeldMember | undefined;
}

/** The fields of one member of a group in a {@link HeldRecord}: what an exchange would merge, merged at once. */
export interface HeldMember {
  /** The operation `keep` of the smallest. */
  keepSmallest(field: string, member: string, limit: number): void;
  /** The operation `max`. */
  raise(field: string, value: string): void;
  /**
   * The largest member of the set `field` that keeps its smallest, when it has `limit` members: nothing behind
   * it is ever kept again. Undefined while there is room.
   */
  largestOf(field: string, limit: number): string | undefined;
}

/** The members of a `keep` set, ascending; empty when the field is absent. */
export function readMembers(record: StoredRecord | undefined, field: string): readonly string[] {
  const joined = record?.get(field);
  return joined === undefined || joined === '' ? [] : joined.split('\n');
}

/** The value of a `first` field with its ordinal, or undefined when nobody wrote it. */
export function readFirst(
  record: StoredRecord | undefined,
  field: string,
): { readonly ordinal: number; readonly value: string } | undefined {
  const stored = record?.get(field);
  if (stored === undefined) return undefined;
  return { ordinal: Number(stored.slice(0, 8)), value: stored.slice(9) };
}

/** What an exchange answers. A key without a record is one nobody has written. */
export type Exchanged = {
  /** The asker's own Map. */
  readonly records: Map<string, StoredRecord>;
  /** True when a configured shared store could not be asked in time and local memory answered alone. */
  readonly degraded: boolean;
};

/** What only a store in this process's memory can do. */
export interface LocalStore {
  /** What {@link Store.exchange} does, at once. */
  exchangeNow(contributions: readonly Contribution[]): Map<string, StoredRecord>;
  /** Holds the record of `key` when it is at work; undefined when there is none, or it rests. */
  hold(key: string): HeldRecord | undefined;
  /**
   * Begins a batch that merges into held records: makes room, and says the time by the store's clock in
   * milliseconds.
   */
  begin(): number;
}

/** Shared state. Adapters: memory, valkey, tiered (memory in front of valkey). */
export interface Store {
  /**
   * Merges all contributions and answers every named key's merged record. Contributions to one key are
   * applied in the order given. Never rejects: a store that is away answers `degraded: true`.
   */
  exchange(contributions: readonly Contribution[]): Promise<Exchanged>;
  close(): Promise<void>;
}
