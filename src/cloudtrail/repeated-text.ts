import { ByteCache } from './byte-cache.ts';
import { decodeValue } from './decode-value.ts';
import { presentString } from './json.ts';
import type { JsonScanner } from './json-scanner.ts';
import { REPEATED_MEMBERS } from './member-names.ts';

/** Per column of a member that says the same in many records, what it said lately. */
const CACHES = Array.from({ length: REPEATED_MEMBERS }, () => new ByteCache<string | undefined>(2048, 256));

/** The text that the validated JSON string in `[start, end)` says; equal bytes give the identical one. */
export function repeatedText(
  { bytes, view }: JsonScanner,
  column: number,
  start: number,
  end: number,
): string | undefined {
  const cache = CACHES[column] as ByteCache<string | undefined>;
  return cache.get(bytes, view, start, end, decodeText);
}

function decodeText(bytes: Buffer, start: number, end: number): string | undefined {
  return presentString(decodeValue(bytes, start, end));
}
