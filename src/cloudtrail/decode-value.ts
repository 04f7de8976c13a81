/** Strings up to this length are looked at for escapes here; longer ones are left to `JSON.parse`. */
const SHORT_STRING = 512;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Decodes the validated JSON value in `[start, end)`. */
export function decodeValue(bytes: Buffer, start: number, end: number): unknown {
  switch (bytes[start]) {
    case QUOTE:
      if (end - start < SHORT_STRING && isPlain(bytes, start + 1, end - 1)) {
        return bytes.toString('latin1', start + 1, end - 1);
      }
      break;
    case 0x74:
      return true;
    case 0x66:
      return false;
    case 0x6e:
      return null;
  }
  return JSON.parse(bytes.toString('utf8', start, end));
}

/** True for ASCII without escapes: what such bytes say is what they are. */
function isPlain(bytes: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i++) {
    const byte = bytes[i] as number;
    if (byte === BACKSLASH || byte > 0x7f) return false;
  }
  return true;
}
