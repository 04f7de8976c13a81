import { LiveRecord } from './live-record.ts';

/**
 * A record at rest in memory: one text of its parts, separated by NUL. A million records at work would cost
 * more in bookkeeping than in content, and a text of its own keeps no request alive. A record that itself
 * holds a NUL (nothing of ours does) stays a list of parts.
 */
export type PackedRecord = string | readonly string[];

const SEPARATOR = '\u0000';
/** What V8 and the cache spend on an entry besides its text: key, list links, size, time to live. */
const ENTRY_OVERHEAD_BYTES = 180;
const PART_OVERHEAD_BYTES = 32;

/** Lays a record to rest. */
export function packRecord(record: LiveRecord): PackedRecord {
  const parts = record.pack();
  const text = parts.join(SEPARATOR);
  return countSeparators(text) === parts.length - 1 ? text : parts;
}

/** Puts a record to work again. */
export function unpackRecord(packed: PackedRecord): LiveRecord {
  return LiveRecord.unpack(typeof packed === 'string' ? packed.split(SEPARATOR) : packed);
}

/** About how many bytes of memory an entry takes. */
export function packedSize(key: string, packed: PackedRecord): number {
  const fixed = key.length + ENTRY_OVERHEAD_BYTES;
  if (typeof packed === 'string') return fixed + textBytes(packed);
  return packed.reduce((sum, part) => sum + textBytes(part) + PART_OVERHEAD_BYTES, fixed);
}

function countSeparators(text: string): number {
  let count = 0;
  for (let at = text.indexOf(SEPARATOR); at >= 0; at = text.indexOf(SEPARATOR, at + 1)) count++;
  return count;
}

/** V8 keeps text in one byte per character, or in two when any character needs it. */
function textBytes(text: string): number {
  return Buffer.byteLength(text) === text.length ? text.length : 2 * text.length;
}
