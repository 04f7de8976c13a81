/**
 * A set of action ids as bits, with a second level of bits that says which words hold any: most policies
 * name a few services of hundreds, and sets of 22,000 ids are then as cheap as what is in them. Two sets
 * combine only when they were made for the same catalog. Only the methods that
 * start with `add` change one, and only while whoever made it with `empty` or `copy` is building it: the
 * other operations may answer a set that is shared.
 */
export class ActionSet {
  /** The summary, whose bit i is set when word i holds an id, and then the words. */
  readonly #bits: Uint32Array;
  /** How many words the summary takes. */
  readonly #summaryLength: number;

  private constructor(bits: Uint32Array, summaryLength: number) {
    this.#bits = bits;
    this.#summaryLength = summaryLength;
  }

  /** An empty set with room for the ids below `size`. */
  static empty(size: number): ActionSet {
    const words = (size + 31) >>> 5;
    const summaryLength = (words + 31) >>> 5;
    return new ActionSet(new Uint32Array(summaryLength + words), summaryLength);
  }

  /** Every id below `size`. */
  static full(size: number): ActionSet {
    const set = ActionSet.empty(size);
    set.addRange(0, size);
    return set;
  }

  /** An empty set with room for the same ids. */
  emptied(): ActionSet {
    return new ActionSet(new Uint32Array(this.#bits.length), this.#summaryLength);
  }

  /** Adds one id. */
  add(id: number): void {
    this.#put(id >>> 5, 1 << (id & 31));
  }

  /** Adds the ids from `first` to before `end`. */
  addRange(first: number, end: number): void {
    for (let id = first; id < end; ) {
      const bit = id & 31;
      const count = Math.min(32 - bit, end - id);
      this.#put(id >>> 5, count === 32 ? 0xffffffff : ((1 << count) - 1) << bit);
      id += count;
    }
  }

  /** Adds every id of `other`. */
  addAll(other: ActionSet): void {
    other.#eachWord((word, bits) => this.#put(word, bits));
  }

  has(id: number): boolean {
    return ((this.#word(id >>> 5) >>> (id & 31)) & 1) === 1;
  }

  get isEmpty(): boolean {
    for (let i = 0; i < this.#summaryLength; i++) if (this.#bits[i] !== 0) return false;
    return true;
  }

  /** How many ids there are. */
  get size(): number {
    let count = 0;
    this.#eachWord((_, bits) => {
      count += bitsIn(bits);
    });
    return count;
  }

  /** One more than the largest id there is room for. */
  get capacity(): number {
    return (this.#bits.length - this.#summaryLength) * 32;
  }

  /** How many words of 32 ids hold any: what operations on the set cost. */
  get weight(): number {
    let weight = 0;
    for (let i = 0; i < this.#summaryLength; i++) weight += bitsIn(this.#bits[i] ?? 0);
    return weight;
  }

  union(other: ActionSet): ActionSet {
    if (other.isEmpty || this === other) return this;
    if (this.isEmpty) return other;
    const result = this.copy();
    result.addAll(other);
    return result;
  }

  intersection(other: ActionSet): ActionSet {
    if (!this.meets(other)) return this.#nothing();
    const result = this.emptied();
    for (let i = 0; i < this.#summaryLength; i++) {
      let rest = (this.#bits[i] ?? 0) & (other.#bits[i] ?? 0);
      while (rest !== 0) {
        const word = (i << 5) + lowestBit(rest);
        rest &= rest - 1;
        const bits = this.#word(word) & other.#word(word);
        if (bits !== 0) result.#put(word, bits);
      }
    }
    return result;
  }

  /** The ids that are here and not in `other`. */
  difference(other: ActionSet): ActionSet {
    if (this === other || this.isEmpty) return this.#nothing();
    if (!this.meets(other)) return this;
    let result: ActionSet | undefined;
    for (let i = 0; i < this.#summaryLength; i++) {
      for (let rest = this.#bits[i] ?? 0; rest !== 0; rest &= rest - 1) {
        const word = (i << 5) + lowestBit(rest);
        const left = this.#word(word) & ~other.#word(word);
        if (left === 0) continue;
        result ??= this.emptied();
        result.#put(word, left);
      }
    }
    return result ?? this.#nothing();
  }

  /** True when at least one id is in both. */
  meets(other: ActionSet): boolean {
    for (let i = 0; i < this.#summaryLength; i++) {
      let rest = (this.#bits[i] ?? 0) & (other.#bits[i] ?? 0);
      while (rest !== 0) {
        const word = (i << 5) + lowestBit(rest);
        if ((this.#word(word) & other.#word(word)) !== 0) return true;
        rest &= rest - 1;
      }
    }
    return false;
  }

  /** True when every id is in `other` too. */
  isWithin(other: ActionSet): boolean {
    for (let i = 0; i < this.#summaryLength; i++) {
      for (let rest = this.#bits[i] ?? 0; rest !== 0; rest &= rest - 1) {
        const word = (i << 5) + lowestBit(rest);
        if ((this.#word(word) & ~other.#word(word)) !== 0) return false;
      }
    }
    return true;
  }

  /** True when at least one id from `first` to before `end` is here. */
  meetsRange(first: number, end: number): boolean {
    for (let id = first; id < end; ) {
      if ((id & 31) === 0 && this.#word(id >>> 5) === 0) id += 32;
      else if (this.has(id)) return true;
      else id++;
    }
    return false;
  }

  copy(): ActionSet {
    return new ActionSet(this.#bits.slice(), this.#summaryLength);
  }

  /** The ids, ascending. */
  ids(): number[] {
    const ids: number[] = [];
    this.#eachWord((word, bits) => {
      for (let rest = bits; rest !== 0; rest &= rest - 1) ids.push((word << 5) + lowestBit(rest));
    });
    return ids;
  }

  /** The ids as runs of ids in a row, ascending. */
  runs(): { readonly first: number; readonly end: number }[] {
    const runs: { first: number; end: number }[] = [];
    let last: { first: number; end: number } | undefined;
    this.#eachWord((word, bits) => {
      const base = word << 5;
      for (let at = 0; at < 32; ) {
        const rest = bits >>> at;
        if (rest === 0) break;
        const start = at + lowestBit(rest);
        // Zeros of the complement end the run; beyond the word there are zeros only.
        const ones = ~(bits >>> start);
        const end = Math.min(32, start + (ones === 0 ? 32 : lowestBit(ones)));
        if (last !== undefined && last.end === base + start) last.end = base + end;
        else {
          last = { first: base + start, end: base + end };
          runs.push(last);
        }
        at = end;
      }
    });
    return runs;
  }

  /** The bits as bytes, least significant first, up to the last one that is not zero. */
  bytes(): Uint8Array {
    const bytes = new Uint8Array((this.#bits.length - this.#summaryLength) * 4);
    let end = 0;
    this.#eachWord((word, bits) => {
      for (let byte = 0; byte < 4; byte++) {
        const value = (bits >>> (byte * 8)) & 0xff;
        bytes[word * 4 + byte] = value;
        if (value !== 0) end = word * 4 + byte + 1;
      }
    });
    return bytes.subarray(0, end);
  }

  /** The one empty set of this size that operations answer. */
  #nothing(): ActionSet {
    let set = nothings.get(this.#bits.length);
    if (set === undefined) {
      set = this.emptied();
      nothings.set(this.#bits.length, set);
    }
    return set;
  }

  #word(index: number): number {
    return this.#bits[this.#summaryLength + index] ?? 0;
  }

  #put(index: number, bits: number): void {
    this.#bits[this.#summaryLength + index] = this.#word(index) | bits;
    this.#bits[index >>> 5] = (this.#bits[index >>> 5] ?? 0) | (1 << (index & 31));
  }

  /** Calls back for every word that is not zero, ascending. */
  #eachWord(visit: (word: number, bits: number) => void): void {
    for (let i = 0; i < this.#summaryLength; i++) {
      for (let rest = this.#bits[i] ?? 0; rest !== 0; rest &= rest - 1) {
        const word = (i << 5) + lowestBit(rest);
        visit(word, this.#word(word));
      }
    }
  }
}

/** Empty sets by their number of words: one per catalog. */
const nothings = new Map<number, ActionSet>();

/** Index of the lowest bit that is set. */
function lowestBit(bits: number): number {
  return 31 - Math.clz32(bits & -bits);
}

/** Bits set in a 32-bit word. */
function bitsIn(word: number): number {
  let bits = word - ((word >>> 1) & 0x55555555);
  bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333);
  return Math.imul((bits + (bits >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
