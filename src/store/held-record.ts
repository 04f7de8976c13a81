import type { FieldTable } from './field-table.ts';
import type { HeldMember, HeldRecord, StoredRecord } from './port.ts';
import type { WorkingRecord } from './working-set.ts';

/** A {@link HeldRecord} of a record at work. The store lets go of it when the record leaves. */
export class Held implements HeldRecord {
  #working: WorkingRecord | undefined;
  readonly #keeper: Keeper;

  constructor(working: WorkingRecord, keeper: Keeper) {
    this.#working = working;
    this.#keeper = keeper;
  }

  get record(): StoredRecord | undefined {
    return this.#working?.record;
  }

  get revision(): number {
    return this.#working === undefined ? LEFT : this.#working.record.revision;
  }

  renew(now: number, ttlMs: number): boolean {
    // Before anything is merged: the record may be the one that has to leave.
    this.#keeper.shrink();
    const working = this.#working;
    if (working === undefined || working.expiresAt <= now) return false;
    working.expiresAt = now + ttlMs;
    working.used = true;
    return true;
  }

  member(group: string, member: string): HeldMember | undefined {
    const fields = this.#working?.record.fieldsOf(group, member);
    return fields && new Member(fields, (grown) => this.#note(grown));
  }

  /** The record is no longer at work. */
  letGo(): void {
    this.#working = undefined;
  }

  #note(grown: number): void {
    const working = this.#working;
    if (working === undefined || grown === 0) return;
    working.record.noteChange(grown);
    this.#keeper.recount(working);
  }
}

/** Whose records these are. */
export type Keeper = {
  /** Counts what a record takes, after it was written. */
  recount(working: WorkingRecord): void;
  /** Lays records to rest until the bounds are kept. */
  shrink(): void;
};

/** The revision of a record that left: no record has it. */
const LEFT = -1;

class Member implements HeldMember {
  readonly #fields: FieldTable;
  readonly #note: (grown: number) => void;

  constructor(fields: FieldTable, note: (grown: number) => void) {
    this.#fields = fields;
    this.#note = note;
  }

  keepSmallest(field: string, member: string, limit: number): void {
    const grown = this.#fields.keep(field, member, limit, 'smallest');
    if (grown !== undefined) this.#note(grown);
  }

  raise(field: string, value: string): void {
    const known = this.#fields.get(field);
    if (known === undefined || known < value) this.#note(this.#fields.set(field, value));
  }

  largestOf(field: string, limit: number): string | undefined {
    return this.#fields.largestOf(field, limit);
  }
}
