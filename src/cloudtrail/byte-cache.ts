/**
 * A bounded cache from bytes to what they decode to. A log says the same things over and over: the same
 * services, regions, agents, and the same identities, six hundred bytes each. Finding the decoded value
 * again costs a fraction of decoding it, and equal bytes give the identical value, so that enrichers can
 * remember by identity what they made of it.
 *
 * Direct-mapped: an entry gives way to the next one in its slot. So memory is bounded by slots times the
 * longest entry, whoever writes the bytes, and nothing has to be evicted.
 */
export class ByteCache<Value> {
  readonly #slots: (Entry<Value> | undefined)[];
  readonly #mask: number;
  readonly #longest: number;

  /**
   * @param slots a power of two
   * @param longest entries of more bytes are not kept
   */
  constructor(slots: number, longest: number) {
    this.#slots = new Array<Entry<Value> | undefined>(slots).fill(undefined);
    this.#mask = slots - 1;
    this.#longest = longest;
  }

  /** What `bytes[start, end)` decodes to: remembered, or made by `decode` and remembered. */
  get(
    bytes: Buffer,
    start: number,
    end: number,
    decode: (bytes: Buffer, start: number, end: number) => Value,
  ): Value {
    const length = end - start;
    if (length > this.#longest) return decode(bytes, start, end);
    const slot = hash(bytes, start, length) & this.#mask;
    const entry = this.#slots[slot];
    if (entry !== undefined && isSame(entry.bytes, bytes, start, length)) return entry.value;
    const value = decode(bytes, start, end);
    this.#slots[slot] = { bytes: Buffer.from(bytes.subarray(start, end)), value };
    return value;
  }
}

type Entry<Value> = { readonly bytes: Buffer; readonly value: Value };

/** Of long runs every third byte is looked at: ids that differ do so in more than one place. */
const LONG = 64;

function hash(bytes: Buffer, start: number, length: number): number {
  const step = length <= LONG ? 1 : 3;
  let hashed = length;
  for (let at = start, end = start + length; at < end; at += step) {
    hashed = Math.imul(hashed ^ (bytes[at] as number), 0x01000193);
  }
  return hashed ^ (hashed >>> 15);
}

/** Short runs are compared here: a call into native code costs more than it saves. */
const NATIVE_LENGTH = 48;

function isSame(known: Buffer, bytes: Buffer, start: number, length: number): boolean {
  if (known.length !== length) return false;
  if (length > NATIVE_LENGTH) return known.compare(bytes, start, start + length) === 0;
  for (let i = 0; i < length; i++) if (known[i] !== bytes[start + i]) return false;
  return true;
}
