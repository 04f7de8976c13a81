/**
 * A bounded cache from bytes to what they decode to. A log says the same things over and over: the same
 * services, regions, agents, and the same identities, six hundred bytes each. Finding the decoded value
 * again costs a fraction of decoding it, and equal bytes give the identical value, so that enrichers can
 * remember by identity what they made of it.
 *
 * Every run of bytes has two slots, and gives way when two others wanted them since. So memory is bounded
 * by slots times the longest entry, whoever writes the bytes, and nothing has to be evicted. Entries are
 * kept as words, so that four bytes are compared at once.
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

  /**
   * What `bytes[start, end)` decodes to: remembered, or made by `decode` and remembered.
   *
   * @param view the same bytes
   */
  get(
    bytes: Buffer,
    view: DataView,
    start: number,
    end: number,
    decode: (bytes: Buffer, start: number, end: number) => Value,
  ): Value {
    const length = end - start;
    if (length > this.#longest || length < WORD) return decode(bytes, start, end);
    const slot = hashBytes(view, start, length) & this.#mask;
    const slots = this.#slots;
    const first = slots[slot];
    if (first !== undefined && isAt(first, view, start, length)) return first.value;
    const second = slots[slot ^ 1];
    if (second !== undefined && isAt(second, view, start, length)) return second.value;
    const value = decode(bytes, start, end);
    if (first !== undefined) slots[slot ^ 1] = first;
    slots[slot] = { length, words: wordsAt(view, start, length), value };
    return value;
  }
}

type Entry<Value> = { readonly length: number; readonly words: Int32Array; readonly value: Value };

/** Bytes in a word; shorter runs are decoded each time. */
const WORD = 4;

/** Odd, with bits all over (2^32 divided by the golden ratio). */
const SPREAD = 0x9e3779b1;

/**
 * A hash of the `length` bytes at `start`, four of them at least.
 *
 * Words are multiplied apart from each other, so that a processor need not wait for one to add the next.
 */
export function hashBytes(view: DataView, start: number, length: number): number {
  const last = start + length - WORD;
  let hashed = length;
  for (let at = start; at < last; at += WORD) {
    hashed = (((hashed << 5) | (hashed >>> 27)) + Math.imul(view.getInt32(at, true), SPREAD)) | 0;
  }
  hashed = (((hashed << 5) | (hashed >>> 27)) + Math.imul(view.getInt32(last, true), SPREAD)) | 0;
  const mixed = Math.imul(hashed ^ (hashed >>> 15), 0x85ebca6b);
  return mixed ^ (mixed >>> 13);
}

/** The words of a run; the last one ends where the run does and may repeat bytes of the one before. */
function wordsAt(view: DataView, start: number, length: number): Int32Array {
  const words = new Int32Array((length + WORD - 1) >> 2);
  const last = words.length - 1;
  for (let i = 0; i < last; i++) words[i] = view.getInt32(start + i * WORD, true);
  words[last] = view.getInt32(start + length - WORD, true);
  return words;
}

function isAt(entry: Entry<unknown>, view: DataView, start: number, length: number): boolean {
  if (entry.length !== length) return false;
  const { words } = entry;
  const last = words.length - 1;
  for (let i = 0; i < last; i++) if (words[i] !== view.getInt32(start + i * WORD, true)) return false;
  return words[last] === view.getInt32(start + length - WORD, true);
}
