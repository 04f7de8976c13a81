import type { StoredRecord } from './port.ts';

/**
 * A record at rest in memory: fields and values in turn, joined by NUL. A Map of six short strings costs
 * V8 about 600 bytes of bookkeeping, one flat string about none, and it holds no part of a request's text
 * alive. A record that itself holds a NUL (nothing of ours does) stays a Map.
 */
export type PackedRecord = string | StoredRecord;

const SEPARATOR = '\u0000';
/** What V8 and the cache spend on an entry besides its text: key, list links, size, time to live. */
const ENTRY_OVERHEAD_BYTES = 180;

/** Packs a record; see {@link PackedRecord}. */
export function packRecord(record: StoredRecord): PackedRecord {
  if (record.size === 0) return record;
  const parts: string[] = [];
  for (const [field, value] of record) parts.push(field, value);
  const packed = parts.join(SEPARATOR);
  return countSeparators(packed) === parts.length - 1 ? packed : record;
}

/** The record again, as a new Map that the caller may change. */
export function unpackRecord(packed: PackedRecord): Map<string, string> {
  if (typeof packed !== 'string') return new Map(packed);
  const record = new Map<string, string>();
  let start = 0;
  while (start <= packed.length) {
    const middle = packed.indexOf(SEPARATOR, start);
    const end = packed.indexOf(SEPARATOR, middle + 1);
    record.set(packed.slice(start, middle), packed.slice(middle + 1, end === -1 ? packed.length : end));
    if (end === -1) break;
    start = end + 1;
  }
  return record;
}

/** About how many bytes of memory the entry takes. */
export function packedSize(key: string, packed: PackedRecord): number {
  if (typeof packed === 'string') return key.length + textBytes(packed) + ENTRY_OVERHEAD_BYTES;
  let size = key.length + ENTRY_OVERHEAD_BYTES;
  for (const [field, value] of packed) size += textBytes(field) + textBytes(value) + 2 * 64;
  return size;
}

/** V8 keeps text in one byte per character, or in two when any character needs it. */
function textBytes(text: string): number {
  return Buffer.byteLength(text) === text.length ? text.length : 2 * text.length;
}

function countSeparators(text: string): number {
  let count = 0;
  for (let at = text.indexOf(SEPARATOR); at !== -1; at = text.indexOf(SEPARATOR, at + 1)) count += 1;
  return count;
}
