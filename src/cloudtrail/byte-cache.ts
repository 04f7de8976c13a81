/**
 * A bounded cache from bytes to what they decode to. A log says the same things over and over: the same
 * services, regions, agents, and the same identities, six hundred bytes each. Finding the decoded value
 * again costs a fraction of decoding it, and equal bytes give the identical value, so that enrichers can
 * remember by identity what they made of it.
 *
 * Every run of bytes has two slots, and gives way when two others wanted them since. So memory is bounded
 * by slots times the longest entry, whoever writes the bytes, and nothing has to be evicted.
 *
 * Entries are kept as words, so that four bytes are compared at once, and all in one array: what is not in
 * the processor's caches costs more than comparing it, and so an entry is one place, not an object that
 * refers to others. The system gives memory to the parts that are used.
 */
export class ByteCache<Value> {
  /** Per slot the length of its run, 0 while it is empty, and the run's words. */
  readonly #words: Int32Array;
  readonly #values: (Value | undefined)[];
  readonly #slotWords: number;
  readonly #mask: number;
  readonly #longest: number;

  /**
   * @param slots a power of two, two at least
   * @param longest entries of more bytes are not kept
   */
  constructor(slots: number, longest: number) {
    this.#slotWords = 1 + Math.ceil(longest / WORD);
    this.#words = new Int32Array(slots * this.#slotWords);
    this.#values = new Array<Value | undefined>(slots).fill(undefined);
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
    const hash = hashBytes(view, start, length);
    const slot = this.find(hash, view, start, length);
    if (slot >= 0) return this.valueOf(slot);
    const value = decode(bytes, start, end);
    this.keep(hash, view, start, length, value);
    return value;
  }

  /**
   * The slot that holds these bytes, for {@link valueOf}; negative when none does.
   *
   * @param hash of these bytes, as they were kept by
   * @param length four at least, and no more than are kept
   */
  find(hash: number, view: DataView, start: number, length: number): number {
    const slot = hash & this.#mask;
    if (this.#holds(slot, view, start, length)) return slot;
    return this.#holds(slot ^ 1, view, start, length) ? slot ^ 1 : -1;
  }

  /** What the bytes in the slot decode to. */
  valueOf(slot: number): Value {
    return this.#values[slot] as Value;
  }

  /** Remembers what bytes that {@link find} did not find decode to. */
  keep(hash: number, view: DataView, start: number, length: number, value: Value): void {
    const slot = hash & this.#mask;
    this.#move(slot, slot ^ 1);
    this.#write(slot, view, start, length);
    this.#values[slot] = value;
  }

  #holds(slot: number, view: DataView, start: number, length: number): boolean {
    const words = this.#words;
    let index = slot * this.#slotWords;
    if (words[index] !== length) return false;
    const last = start + length - WORD;
    for (let at = start; at < last; at += WORD) {
      if (words[++index] !== view.getInt32(at, true)) return false;
    }
    return words[++index] === view.getInt32(last, true);
  }

  #move(from: number, to: number): void {
    const base = from * this.#slotWords;
    if (this.#words[base] === 0) return;
    this.#words.copyWithin(to * this.#slotWords, base, base + this.#slotWords);
    this.#values[to] = this.#values[from];
  }

  /** The last word of a run ends where the run does and may repeat bytes of the one before. */
  #write(slot: number, view: DataView, start: number, length: number): void {
    const words = this.#words;
    let index = slot * this.#slotWords;
    words[index] = length;
    const last = start + length - WORD;
    for (let at = start; at < last; at += WORD) words[++index] = view.getInt32(at, true);
    words[++index] = view.getInt32(last, true);
  }
}

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
