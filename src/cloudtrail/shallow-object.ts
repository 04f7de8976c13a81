import { decodeValue } from './decode-value.ts';
import type { JsonScanner } from './json-scanner.ts';

/**
 * Where the members of one object lie, found without decoding any: for reading one or two of many. The
 * object has been validated before.
 */
export class ShallowObject {
  /** Four offsets a member: key (between its quotes) and value, each from and to. */
  readonly #ranges: number[] = [];
  readonly #bytes: Buffer;
  #last = -1;
  #lastValue: unknown;
  /** False when a key is written with escapes: then only decoding tells what its name is. */
  readonly hasPlainKeys: boolean;

  /** @param start offset of the opening brace */
  constructor(scanner: JsonScanner, start: number) {
    const { bytes } = scanner;
    let hasPlainKeys = true;
    let at = scanner.skipSpace(start + 1);
    while (bytes[at] !== CLOSE_BRACE) {
      const keyEnd = scanner.skipString(at);
      const valueStart = scanner.skipColon(keyEnd);
      const valueEnd = scanner.skipValue(valueStart);
      hasPlainKeys &&= !hasBackslash(bytes, at, keyEnd);
      this.#ranges.push(at + 1, keyEnd - 1, valueStart, valueEnd);
      const next = scanner.skipSpace(valueEnd);
      at = bytes[next] === COMMA ? scanner.skipSpace(next + 1) : next;
    }
    this.#bytes = bytes;
    this.hasPlainKeys = hasPlainKeys;
  }

  /** The member called `name` (ASCII); undefined when there is none. Of several the last, as in `JSON.parse`. */
  get(name: string): unknown {
    const ranges = this.#ranges;
    for (let at = ranges.length - MEMBER_LENGTH; at >= 0; at -= MEMBER_LENGTH) {
      if (this.#isNamed(name, ranges[at] as number, ranges[at + 1] as number)) return this.#value(at);
    }
    return undefined;
  }

  /** Several rules read the same member of a request one after the other. */
  #value(at: number): unknown {
    if (this.#last !== at) {
      this.#lastValue = decodeValue(
        this.#bytes,
        this.#ranges[at + 2] as number,
        this.#ranges[at + 3] as number,
      );
      this.#last = at;
    }
    return this.#lastValue;
  }

  #isNamed(name: string, start: number, end: number): boolean {
    if (end - start !== name.length) return false;
    for (let i = 0; i < name.length; i++) if (this.#bytes[start + i] !== name.charCodeAt(i)) return false;
    return true;
  }
}

const MEMBER_LENGTH = 4;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
const CLOSE_BRACE = 0x7d;

function hasBackslash(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (bytes[at] === BACKSLASH) return true;
  return false;
}
