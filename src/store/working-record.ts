import type { FieldTable } from './field-table.ts';
import { LiveRecord } from './live-record.ts';
import type { HeldMember, HeldRecord, StoredRecord } from './port.ts';

/** The revision of a record that left: no record has it. */
const LEFT = -1;
/** In place of the record of whoever still holds one that left: it keeps no memory. */
const NOTHING = new LiveRecord();

/** A record at work, with what its keeper knows of it. */
export class WorkingRecord implements HeldRecord {
  /** By the store's clock, in milliseconds. */
  expiresAt: number;
  /** Used since it was last looked at for something to lay to rest. */
  used = false;
  /** Its bytes as its keeper counted them. */
  bytes = 0;
  #live: LiveRecord;
  readonly #recount: (working: WorkingRecord) => void;

  /** @param recount told when the record takes more or less */
  constructor(live: LiveRecord, expiresAt: number, recount: (working: WorkingRecord) => void) {
    this.#live = live;
    this.expiresAt = expiresAt;
    this.#recount = recount;
  }

  /** The record; an empty one when it left. */
  get live(): LiveRecord {
    return this.#live;
  }

  get record(): StoredRecord | undefined {
    return this.#live === NOTHING ? undefined : this.#live;
  }

  get revision(): number {
    return this.#live === NOTHING ? LEFT : this.#live.revision;
  }

  renew(now: number, ttlMs: number): boolean {
    if (this.expiresAt <= now || this.#live === NOTHING) return false;
    this.expiresAt = now + ttlMs;
    this.used = true;
    return true;
  }

  member(group: string, member: string): HeldMember | undefined {
    const fields = this.#live.fieldsOf(group, member);
    return fields && new Member(this, fields);
  }

  /** The record is no longer at work. */
  leave(): void {
    this.#live = NOTHING;
  }

  /** A field grew by so many bytes. */
  note(grown: number): void {
    if (grown === 0 || this.#live === NOTHING) return;
    this.#live.noteChange(grown);
    this.#recount(this);
  }
}

class Member implements HeldMember {
  readonly #working: WorkingRecord;
  readonly #fields: FieldTable;

  constructor(working: WorkingRecord, fields: FieldTable) {
    this.#working = working;
    this.#fields = fields;
  }

  keepSmallest(field: string, member: string, limit: number): void {
    const grown = this.#fields.keep(field, member, limit, 'smallest');
    if (grown !== undefined) this.#working.note(grown);
  }

  raise(field: string, value: string): void {
    const grown = this.#fields.raise(field, value);
    if (grown !== undefined) this.#working.note(grown);
  }

  largestOf(field: string, limit: number): string | undefined {
    return this.#fields.largestOf(field, limit);
  }
}
