/** Objects may nest this deep: Statement, Condition, operator, key. Deeper ones are not looked into. */
const MAX_DEPTH = 16;

/**
 * True when some object of a valid JSON text names a member twice. `JSON.parse` keeps the last one in
 * silence, other readers the first: a document that means two things is worth a finding. One pass over the
 * text, comparing keys as they are written behind their escapes.
 */
export function findDuplicateKey(text: string): boolean {
  const keys: (Set<string> | undefined)[] = [];
  let depth = 0;
  let i = 0;
  while (i < text.length) {
    const code = text.charCodeAt(i);
    if (code === 0x22) {
      const end = endOfString(text, i);
      const seen = depth < MAX_DEPTH ? keys[depth] : undefined;
      if (seen !== undefined && isKey(text, end)) {
        const key = decodeKey(text.slice(i, end));
        if (seen.has(key)) return true;
        seen.add(key);
      }
      i = end;
      continue;
    }
    if (code === 0x7b || code === 0x5b) {
      depth++;
      if (depth < MAX_DEPTH) keys[depth] = code === 0x7b ? new Set() : undefined;
    } else if (code === 0x7d || code === 0x5d) depth--;
    i++;
  }
  return false;
}

/** The index behind the closing quote of the string that starts at `start`. */
function endOfString(text: string, start: number): number {
  let i = start + 1;
  while (i < text.length && text.charCodeAt(i) !== 0x22) i += text.charCodeAt(i) === 0x5c ? 2 : 1;
  return i + 1;
}

/** True when the string that ends before `end` is followed by a colon. */
function isKey(text: string, end: number): boolean {
  let i = end;
  while (i < text.length && text.charCodeAt(i) <= 0x20) i++;
  return text.charCodeAt(i) === 0x3a;
}

function decodeKey(quoted: string): string {
  return quoted.includes('\\') ? (JSON.parse(quoted) as string) : quoted.slice(1, -1);
}
