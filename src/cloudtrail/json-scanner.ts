/**
 * A validating JSON scanner over received bytes: it says where values end and refuses exactly what
 * `JSON.parse` of the same text refuses (RFC 8259). It builds nothing, which is why it is several times
 * faster than a parse: the records of a batch go back as the bytes they came as, so only their
 * boundaries matter.
 *
 * Bytes above 0x7f are legal inside strings whatever they encode, because decoding replaces invalid
 * UTF-8 before `JSON.parse` would see it; outside strings they are a fault.
 */

/** Thrown where the bytes stop being JSON. Not an `Error`: no stack is wanted for somebody else's typo. */
export class JsonFault {
  /** Offset of the first byte that cannot be right; the length of the input when it ends too early. */
  readonly offset: number;
  constructor(offset: number) {
    this.offset = offset;
  }
}

/** No white space is above it: one comparison tells that compact JSON has none. */
const SPACE = 0x20;
const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const MINUS = 0x2d;
const ZERO = 0x30;
const NINE = 0x39;

const TRUE = Buffer.from('true');
const FALSE = Buffer.from('false');
const NULL = Buffer.from('null');

/** 1 for the characters that may follow a backslash, 2 for `u`. */
const ESCAPES = new Uint8Array(256);
for (const character of '"\\/bfnrt') ESCAPES[character.charCodeAt(0)] = 1;
ESCAPES['u'.charCodeAt(0)] = 2;

/**
 * One bit per open container, 1 for an object: a hundred million brackets cost 12 MB, not a stack. Shared,
 * because no walk over a value is ever interrupted.
 */
let openKinds = new Uint8Array(64);

/** One scanner serves one buffer. Positions are byte offsets into it. */
export class JsonScanner {
  readonly bytes: Buffer;
  /** Deepest nesting seen by {@link skipValue} since somebody set it to 0. */
  deepest = 0;
  /** The same bytes, to be looked at four at a time from any offset. */
  readonly view: DataView;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** The offset of the first byte at or after `position` that is not white space. */
  skipSpace(position: number): number {
    const bytes = this.bytes;
    const { length } = bytes;
    let at = position;
    // Never reads behind the end: code that did once compares as floats from then on.
    while (at < length) {
      const byte = bytes[at] as number;
      if (byte > SPACE || (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09)) return at;
      at++;
    }
    return at;
  }

  /**
   * The offset behind the string whose opening quote is at `position`.
   * @throws {JsonFault}
   */
  skipString(position: number): number {
    const bytes = this.bytes;
    let at = position + 1;
    for (;;) {
      at = this.#skipPlain(at);
      const byte = bytes[at];
      if (byte === QUOTE) return at + 1;
      if (byte === BACKSLASH) {
        const escaped = ESCAPES[bytes[at + 1] as number];
        if (escaped === 1) at += 2;
        else if (escaped === 2) at = this.#skipHex(at + 2);
        else throw new JsonFault(Math.min(at + 1, bytes.length));
      } else if (byte !== undefined && byte >= 0x20) {
        at++; // the last bytes of a buffer that does not end on a word
      } else {
        throw new JsonFault(Math.min(at, bytes.length));
      }
    }
  }

  /**
   * The offset of the first byte from `position` on that may end a plain run of a string: a quote, a
   * backslash, a control character, or one of the last seven bytes. Looks at two words of four bytes at
   * once, because most bytes of a log lie inside strings: a byte b is a quote or control character exactly
   * when b ^ 2 is below 0x21, and "some byte of w is below n" is `(w - n…n) & ~w & 0x80…80` (the lowest
   * flag is exact).
   */
  #skipPlain(position: number): number {
    const view = this.view;
    const last = this.bytes.length - 8;
    let at = position;
    for (; at <= last; at += 8) {
      const low = view.getInt32(at, true);
      const high = view.getInt32(at + 4, true);
      const lowEnds = ((low ^ 0x02020202) - 0x21212121) | ((low ^ 0x5c5c5c5c) - 0x01010101);
      const highEnds = ((high ^ 0x02020202) - 0x21212121) | ((high ^ 0x5c5c5c5c) - 0x01010101);
      const lowFlags = lowEnds & ~low & 0x80808080;
      if (lowFlags !== 0) return at + ((31 - Math.clz32(lowFlags & -lowFlags)) >> 3);
      const highFlags = highEnds & ~high & 0x80808080;
      if (highFlags !== 0) return at + 4 + ((31 - Math.clz32(highFlags & -highFlags)) >> 3);
    }
    return at;
  }

  /**
   * The offset of the value behind a key that ended at `keyEnd`: past the colon and white space.
   * @throws {JsonFault}
   */
  skipColon(keyEnd: number): number {
    const bytes = this.bytes;
    const at = bytes[keyEnd] === COLON ? keyEnd : this.skipSpace(keyEnd);
    if (bytes[at] !== COLON) throw new JsonFault(at);
    return (bytes[at + 1] as number) > SPACE ? at + 1 : this.skipSpace(at + 1);
  }

  /**
   * The offset behind the one value that starts at `position` (no white space before it). Iterative, so
   * nesting costs no stack; {@link deepest} tells how deep it went.
   * @throws {JsonFault}
   */
  skipValue(position: number): number {
    const bytes = this.bytes;
    let depth = 0;
    let inObject = false;
    let at = position;
    for (;;) {
      // A value starts at `at`.
      const byte = bytes[at];
      if (byte === QUOTE) {
        at = this.skipString(at);
      } else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
        const isObject = byte === OPEN_BRACE;
        const inner = (bytes[at + 1] as number) > SPACE ? at + 1 : this.skipSpace(at + 1);
        if (bytes[inner] === (isObject ? CLOSE_BRACE : CLOSE_BRACKET)) {
          if (depth + 1 > this.deepest) this.deepest = depth + 1;
          at = inner + 1;
        } else {
          this.#push(depth++, isObject);
          inObject = isObject;
          at = isObject ? this.#skipKey(inner) : inner;
          continue;
        }
      } else {
        at = this.#skipAtom(at);
      }
      // A value ended at `at`: close what closes, then go on behind a comma.
      for (;;) {
        if (depth === 0) return at;
        if ((bytes[at] as number) <= SPACE) at = this.skipSpace(at);
        const next = bytes[at];
        if (next === COMMA) {
          at++;
          if ((bytes[at] as number) <= SPACE) at = this.skipSpace(at);
          if (inObject) at = this.#skipKey(at);
          break;
        }
        if (next !== (inObject ? CLOSE_BRACE : CLOSE_BRACKET)) throw new JsonFault(at);
        at++;
        depth--;
        inObject = depth > 0 && this.#isObject(depth - 1);
      }
    }
  }

  /** Behind the key at `at`, its colon and the white space around it. */
  #skipKey(at: number): number {
    if (this.bytes[at] !== QUOTE) throw new JsonFault(at);
    return this.skipColon(this.skipString(at));
  }

  /** Behind the number, `true`, `false` or `null` at `at`. */
  #skipAtom(at: number): number {
    const byte = this.bytes[at];
    if (byte === undefined) throw new JsonFault(this.bytes.length);
    if (byte === MINUS || (byte >= ZERO && byte <= NINE)) return this.#skipNumber(at);
    let word: Buffer;
    if (byte === NULL[0]) word = NULL;
    else if (byte === TRUE[0]) word = TRUE;
    else if (byte === FALSE[0]) word = FALSE;
    else throw new JsonFault(at);
    for (let i = 1; i < word.length; i++) {
      if (this.bytes[at + i] !== word[i]) throw new JsonFault(Math.min(at + i, this.bytes.length));
    }
    return at + word.length;
  }

  #skipNumber(start: number): number {
    const bytes = this.bytes;
    let at = bytes[start] === MINUS ? start + 1 : start;
    if (bytes[at] === ZERO) at++;
    else at = this.#skipDigits(at);
    if (bytes[at] === 0x2e) at = this.#skipDigits(at + 1);
    if (bytes[at] === 0x65 || bytes[at] === 0x45) {
      const sign = bytes[at + 1];
      at = this.#skipDigits(sign === MINUS || sign === 0x2b ? at + 2 : at + 1);
    }
    return at;
  }

  /** Behind the digits at `at`, of which there must be one. */
  #skipDigits(at: number): number {
    const bytes = this.bytes;
    const start = at;
    for (let byte = bytes[at]; byte !== undefined && byte >= ZERO && byte <= NINE; byte = bytes[at]) at++;
    if (at === start) throw new JsonFault(at);
    return at;
  }

  #skipHex(at: number): number {
    for (let i = at; i < at + 4; i++) {
      const byte = this.bytes[i];
      const isHex =
        byte !== undefined &&
        ((byte >= ZERO && byte <= NINE) || (byte >= 0x41 && byte <= 0x46) || (byte >= 0x61 && byte <= 0x66));
      if (!isHex) throw new JsonFault(Math.min(i, this.bytes.length));
    }
    return at + 4;
  }

  #push(depth: number, isObject: boolean): void {
    if (depth + 1 > this.deepest) this.deepest = depth + 1;
    const slot = depth >> 3;
    if (slot === openKinds.length) {
      const grown = new Uint8Array(openKinds.length * 2);
      grown.set(openKinds);
      openKinds = grown;
    }
    const bit = 1 << (depth & 7);
    const kinds = openKinds[slot] as number;
    openKinds[slot] = isObject ? kinds | bit : kinds & ~bit;
  }

  #isObject(depth: number): boolean {
    return ((openKinds[depth >> 3] as number) & (1 << (depth & 7))) !== 0;
  }
}
