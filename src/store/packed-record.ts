import { LiveRecord } from './live-record.ts';

/**
 * A record at rest in memory: one flat text of fields and values, separated by NUL. A million records at
 * work would cost more in bookkeeping than in content, and a text of its own keeps no request alive. A record
 * that itself holds a NUL (nothing of ours does) stays an array.
 */
export type PackedRecord = string | readonly string[];

const SEPARATOR = '\u0000';
/** What V8 and the cache spend on an entry besides its text: key, list links, size, time to live. */
const ENTRY_OVERHEAD_BYTES = 180;
const PART_OVERHEAD_BYTES = 32;

/** Lays a record to rest. */
export function packRecord(record: LiveRecord): PackedRecord {
  const parts: string[] = [];
  let packable = true;
  for (const [field, value] of record) {
    packable &&= !field.includes(SEPARATOR) && !value.includes(SEPARATOR);
    parts.push(field, value);
  }
  return packable && parts.length > 0 ? parts.join(SEPARATOR) : parts;
}

/** Puts a record to work again. */
export function unpackRecord(packed: PackedRecord): LiveRecord {
  return LiveRecord.from(pairsOf(typeof packed === 'string' ? packed.split(SEPARATOR) : packed));
}

/** About how many bytes of memory an entry takes. */
export function packedSize(key: string, packed: PackedRecord): number {
  const fixed = key.length + ENTRY_OVERHEAD_BYTES;
  if (typeof packed === 'string') return fixed + textBytes(packed);
  return packed.reduce((sum, part) => sum + textBytes(part) + PART_OVERHEAD_BYTES, fixed);
}

function* pairsOf(parts: readonly string[]): Generator<readonly [string, string], void, void> {
  for (let at = 0; at + 1 < parts.length; at += 2) yield [parts[at] as string, parts[at + 1] as string];
}

/** V8 keeps text in one byte per character, or in two when any character needs it. */
function textBytes(text: string): number {
  return Buffer.byteLength(text) === text.length ? text.length : 2 * text.length;
}
