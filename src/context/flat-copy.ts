/**
 * An equal string with memory of its own. A substring may keep the whole text it was cut from alive: a
 * cache that holds a 100-byte user agent would hold the 20 MB body it came in.
 */
export function flatCopy(text: string): string {
  // Stringify escapes lone surrogates, parse restores them: equal for every string, unlike a UTF-8 trip.
  return JSON.parse(JSON.stringify(text)) as string;
}
