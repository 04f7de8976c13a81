/**
 * A short, well-mixed text of any text, for ranks and for counting distinct members: not for secrets.
 * Ascending texts are ascending numbers, so the smallest of many tell how many there were.
 */

/** 64 characters in ascending code unit order, none of them a separator of ours. */
const DIGITS = '-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz';
/** Two digits each, for 12 bits. */
const PAIRS: readonly string[] = Array.from(
  { length: 4096 },
  (_, bits) => DIGITS.charAt(bits >> 6) + DIGITS.charAt(bits & 63),
);
/** Of FNV-1a. */
const BASIS = 0x811c9dc5;
const PRIME = 0x01000193;
/** 1 for every character of a plain text. */
const PLAIN = Uint8Array.from({ length: 128 }, (_, code) =>
  /[A-Za-z0-9-]/.test(String.fromCharCode(code)) ? 1 : 0,
);
/** Length of a {@link shortHash}: 32 bits in digits of 6 bits. */
export const SHORT_HASH_LENGTH = 6;

/** Six characters that stand for `text`. */
export function shortHash(text: string): string {
  return hashText(hashOf(text));
}

/** 32 bits that stand for `text`, as a signed integer: FNV-1a with a finalizer. */
export function hashOf(text: string): number {
  let hash = BASIS;
  for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), PRIME);
  return finished(hash);
}

/** The {@link hashOf} of a text of letters, digits and dashes; undefined for any other. One look at each character. */
export function hashOfPlain(text: string): number | undefined {
  let hash = BASIS;
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    if (code >= PLAIN.length || PLAIN[code] === 0) return undefined;
    hash = Math.imul(hash ^ code, PRIME);
  }
  return finished(hash);
}

function finished(mixed: number): number {
  let hash = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

/** The {@link shortHash} of the text whose {@link hashOf} this is. */
export function hashText(hash: number): string {
  return `${PAIRS[hash >>> 24]}${PAIRS[(hash >>> 12) & 0xfff]}${PAIRS[hash & 0xfff]}`;
}

/**
 * How many distinct members a set had, of which `kept` holds the (at most `limit`) smallest hashes,
 * ascending: exact below the limit, above it the k-minimum-values estimate.
 */
export function countDistinct(kept: readonly string[], limit: number): number {
  const largest = kept[kept.length - 1];
  if (largest === undefined || kept.length < limit) return kept.length;
  return Math.max(limit, Math.round((kept.length - 1) / hashFraction(largest)));
}

/** The {@link hashOf} that a {@link hashText} stands for, without its sign. */
export function numberOfHash(text: string): number {
  let value = 0;
  for (let i = 0; i < text.length; i += 1) value = value * 64 + Math.max(0, DIGITS.indexOf(text.charAt(i)));
  return value;
}

/** The hash as a fraction of all hashes, above 0 and at most 1. */
function hashFraction(hash: string): number {
  return (numberOfHash(hash) + 1) / 2 ** 32;
}
