/**
 * A set of action ids as bits. Two sets combine only when they were made for the same catalog. Operations
 * answer new sets; only the methods that start with `add` change one, while it is being built.
 */
export class ActionSet {
  readonly words: Uint32Array;

  constructor(words: Uint32Array) {
    this.words = words;
  }

  /** An empty set with room for the ids below `size`. */
  static empty(size: number): ActionSet {
    return new ActionSet(new Uint32Array((size + 31) >>> 5));
  }

  /** Every id below `size`. */
  static full(size: number): ActionSet {
    const set = ActionSet.empty(size);
    set.addRange(0, size);
    return set;
  }

  /** Adds one id. */
  add(id: number): void {
    this.words[id >>> 5] = (this.words[id >>> 5] ?? 0) | (1 << (id & 31));
  }

  /** Adds the ids from `first` to before `end`. */
  addRange(first: number, end: number): void {
    let id = first;
    for (; id < end && (id & 31) !== 0; id++) this.add(id);
    for (; id + 32 <= end; id += 32) this.words[id >>> 5] = 0xffffffff;
    for (; id < end; id++) this.add(id);
  }

  /** Adds every id of `other`. */
  addAll(other: ActionSet): void {
    const { words } = this;
    for (let i = 0; i < words.length; i++) words[i] = (words[i] ?? 0) | (other.words[i] ?? 0);
  }

  has(id: number): boolean {
    return (((this.words[id >>> 5] ?? 0) >>> (id & 31)) & 1) === 1;
  }

  get isEmpty(): boolean {
    for (const word of this.words) if (word !== 0) return false;
    return true;
  }

  /** How many ids there are. */
  get size(): number {
    let count = 0;
    for (const word of this.words) if (word !== 0) count += bitsIn(word);
    return count;
  }

  union(other: ActionSet): ActionSet {
    const result = this.copy();
    result.addAll(other);
    return result;
  }

  intersection(other: ActionSet): ActionSet {
    const words = new Uint32Array(this.words.length);
    for (let i = 0; i < words.length; i++) words[i] = (this.words[i] ?? 0) & (other.words[i] ?? 0);
    return new ActionSet(words);
  }

  /** The ids that are here and not in `other`. */
  difference(other: ActionSet): ActionSet {
    const words = new Uint32Array(this.words.length);
    for (let i = 0; i < words.length; i++) words[i] = (this.words[i] ?? 0) & ~(other.words[i] ?? 0);
    return new ActionSet(words);
  }

  /** True when at least one id is in both. */
  meets(other: ActionSet): boolean {
    for (let i = 0; i < this.words.length; i++) {
      if (((this.words[i] ?? 0) & (other.words[i] ?? 0)) !== 0) return true;
    }
    return false;
  }

  /** True when every id is in `other` too. */
  isWithin(other: ActionSet): boolean {
    for (let i = 0; i < this.words.length; i++) {
      if (((this.words[i] ?? 0) & ~(other.words[i] ?? 0)) !== 0) return false;
    }
    return true;
  }

  /** True when at least one id from `first` to before `end` is here. */
  meetsRange(first: number, end: number): boolean {
    for (let id = first; id < end; ) {
      if ((id & 31) === 0 && this.words[id >>> 5] === 0) id += 32;
      else if (this.has(id)) return true;
      else id++;
    }
    return false;
  }

  copy(): ActionSet {
    return new ActionSet(this.words.slice());
  }

  /** The ids, ascending. */
  ids(): number[] {
    const ids: number[] = [];
    for (let i = 0; i < this.words.length; i++) {
      let word = this.words[i] ?? 0;
      while (word !== 0) {
        ids.push((i << 5) + 31 - Math.clz32(word & -word));
        word &= word - 1;
      }
    }
    return ids;
  }
}

/** Bits set in a 32-bit word. */
function bitsIn(word: number): number {
  let bits = word - ((word >>> 1) & 0x55555555);
  bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333);
  return Math.imul((bits + (bits >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
