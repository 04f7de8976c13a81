import type { StoredRecord } from './port.ts';

/**
 * A record as one array of fields and values in turn: cheaper than a Map for the handful of fields a
 * record has, and one `split` or `join` away from the flat text it rests in. Records of many fields
 * get an index.
 */
export class CompactRecord implements StoredRecord {
  /** Fields at even, values at odd positions. */
  readonly #parts: string[];
  #index: Map<string, number> | undefined;
  #packable: boolean;

  /** An empty record, or the one that {@link CompactRecord.pack} made. */
  constructor(packed?: PackedRecord) {
    if (packed === undefined) {
      this.#parts = [];
      this.#packable = true;
    } else if (typeof packed === 'string') {
      this.#parts = packed.split(SEPARATOR);
      this.#packable = true;
    } else {
      this.#parts = [...packed];
      this.#packable = false;
    }
  }

  get size(): number {
    return this.#parts.length / 2;
  }

  get(field: string): string | undefined {
    const at = this.#find(field);
    return at === -1 ? undefined : this.#parts[at + 1];
  }

  has(field: string): boolean {
    return this.#find(field) !== -1;
  }

  set(field: string, value: string): void {
    if (this.#packable && (value.includes(SEPARATOR) || field.includes(SEPARATOR))) this.#packable = false;
    const at = this.#find(field);
    if (at !== -1) {
      this.#parts[at + 1] = value;
      return;
    }
    this.#index?.set(field, this.#parts.length);
    this.#parts.push(field, value);
  }

  delete(field: string): void {
    const at = this.#find(field);
    if (at === -1) return;
    this.#parts.splice(at, 2);
    this.#index = undefined;
  }

  /** The record at rest; see {@link PackedRecord}. */
  pack(): PackedRecord {
    return this.#packable && this.#parts.length > 0 ? this.#parts.join(SEPARATOR) : [...this.#parts];
  }

  *entries(): MapIterator<[string, string]> {
    const parts = this.#parts;
    for (let at = 0; at + 1 < parts.length; at += 2) yield [parts[at] ?? '', parts[at + 1] ?? ''];
    return undefined;
  }

  *keys(): MapIterator<string> {
    for (const [field] of this.entries()) yield field;
    return undefined;
  }

  *values(): MapIterator<string> {
    for (const [, value] of this.entries()) yield value;
    return undefined;
  }

  forEach(visit: (value: string, field: string, record: ReadonlyMap<string, string>) => void): void {
    for (const [field, value] of this.entries()) visit(value, field, this);
  }

  [Symbol.iterator](): MapIterator<[string, string]> {
    return this.entries();
  }

  #find(field: string): number {
    const parts = this.#parts;
    if (parts.length > INDEXED_LENGTH) {
      this.#index ??= indexOf(parts);
      return this.#index.get(field) ?? -1;
    }
    for (let at = 0; at < parts.length; at += 2) if (parts[at] === field) return at;
    return -1;
  }
}

/**
 * A record at rest in memory: one flat text of fields and values, separated by NUL. A million Maps would
 * cost more in bookkeeping than in content, and a text of its own keeps no request alive. A record that
 * itself holds a NUL (nothing of ours does) stays an array.
 */
export type PackedRecord = string | readonly string[];

/** About how many bytes of memory an entry takes. */
export function packedSize(key: string, packed: PackedRecord): number {
  const fixed = key.length + ENTRY_OVERHEAD_BYTES;
  if (typeof packed === 'string') return fixed + textBytes(packed);
  return packed.reduce((sum, part) => sum + textBytes(part) + PART_OVERHEAD_BYTES, fixed);
}

const SEPARATOR = '\u0000';
/** From this length on of the array of parts, looking at every field takes longer than an index. */
const INDEXED_LENGTH = 64;
/** What V8 and the cache spend on an entry besides its text: key, list links, size, time to live. */
const ENTRY_OVERHEAD_BYTES = 180;
const PART_OVERHEAD_BYTES = 32;

function indexOf(parts: readonly string[]): Map<string, number> {
  const index = new Map<string, number>();
  for (let at = 0; at < parts.length; at += 2) index.set(parts[at] ?? '', at);
  return index;
}

/** V8 keeps text in one byte per character, or in two when any character needs it. */
function textBytes(text: string): number {
  return Buffer.byteLength(text) === text.length ? text.length : 2 * text.length;
}
