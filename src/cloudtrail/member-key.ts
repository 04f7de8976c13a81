import type { JsonScanner } from './json-scanner.ts';
import { MEMBERS } from './member-names.ts';

/** Which member a key in the received bytes names. */

const BACKSLASH = 0x5c;

/**
 * Finds the column of a key by a perfect hash of its length and four of its bytes: one look, one compare.
 * The multipliers are searched at load, so that adding a name above needs nothing else.
 */
const HASH_SLOTS = 512;
const NAME_BYTES = MEMBERS.map((name) => new Uint8Array(Buffer.from(name)));
const HASH = findPerfectHash(NAME_BYTES);

/** Per column the bytes of `"name":` as words, of which the last may repeat bytes of the one before. */
const WORD = 4;
const KEY_WORDS = 8;
const KEYS = MEMBERS.map((name) => Buffer.from(`"${name}":`));
const keyLengths = Int32Array.from(KEYS, (key) => key.length);
const keyWords = new Int32Array(KEYS.length * KEY_WORDS);
KEYS.forEach((key, column) => {
  let at = column * KEY_WORDS;
  for (let i = 0; i < key.length - WORD; i += WORD) keyWords[at++] = key.readInt32LE(i);
  keyWords[at] = key.readInt32LE(key.length - WORD);
});

/**
 * The offset behind the colon when the bytes at `position` are exactly the key of `column`, as AWS writes
 * it: no escapes, no white space before the colon. Else 0.
 */
export function endOfKey({ bytes, view }: JsonScanner, position: number, column: number): number {
  const length = keyLengths[column] as number;
  const last = position + length - WORD;
  if (last + WORD > bytes.length) return 0;
  let index = column * KEY_WORDS;
  for (let at = position; at < last; at += WORD) {
    if (view.getInt32(at, true) !== keyWords[index++]) return 0;
  }
  return view.getInt32(last, true) === keyWords[index] ? position + length : 0;
}

/** The column of the key whose bytes lie in `[start, end)`, or -1. */
export function columnOf(bytes: Uint8Array, start: number, end: number): number {
  const length = end - start;
  if (length === 0) return -1;
  const slot = hashSlot(bytes, start, length, HASH.a, HASH.b);
  const column = HASH.slots[slot] as number;
  if (column >= 0) {
    const name = NAME_BYTES[column] as Uint8Array;
    if (name.length === length && sameBytes(bytes, start, name)) return column;
  }
  return escapedColumn(bytes, start, end);
}

/** A key may be spelled with escapes; `JSON.parse` would see through them, so must we. */
function escapedColumn(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && bytes[at] !== BACKSLASH) at++;
  if (at === end) return -1;
  const key: unknown = JSON.parse(Buffer.from(bytes.subarray(start - 1, end + 1)).toString());
  return (MEMBERS as readonly unknown[]).indexOf(key);
}

function sameBytes(bytes: Uint8Array, start: number, name: Uint8Array): boolean {
  for (let i = 0; i < name.length; i++) if (bytes[start + i] !== name[i]) return false;
  return true;
}

function hashSlot(bytes: Uint8Array, start: number, length: number, a: number, b: number): number {
  const first = bytes[start] as number;
  const middle =
    (bytes[start + (length >> 1)] as number) + (bytes[start + ((length * 3) >> 2)] as number) * 7;
  const last = bytes[start + length - 1] as number;
  return (length * a + first * b + middle * 13 + last) & (HASH_SLOTS - 1);
}

/**
 * Multipliers by which no two of the names share a slot, and the slots.
 * @throws {Error} when two names agree in all that the hash looks at
 */
export function findPerfectHash(names: readonly Uint8Array[]): {
  readonly a: number;
  readonly b: number;
  readonly slots: Int16Array;
} {
  for (let a = 1; a < HASH_SLOTS; a++) {
    for (let b = 1; b < HASH_SLOTS; b++) {
      const slots = new Int16Array(HASH_SLOTS).fill(-1);
      const fits = names.every((name, column) => {
        const slot = hashSlot(name, 0, name.length, a, b);
        if (slots[slot] !== -1) return false;
        slots[slot] = column;
        return true;
      });
      if (fits) return { a, b, slots };
    }
  }
  throw new Error('no perfect hash: two names agree in all that the hash looks at');
}
