/** An immutable-by-convention set of action ids. Two sets compare and combine only under one catalog. */
export class ActionSet {
  readonly words: Uint32Array;

  constructor(words: Uint32Array) {
    this.words = words;
  }

  /** An empty set with room for `size` ids. */
  static empty(size: number): ActionSet {
    return new ActionSet(new Uint32Array((size + 31) >>> 5));
  }

  has(id: number): boolean {
    return (((this.words[id >>> 5] ?? 0) >>> (id & 31)) & 1) === 1;
  }
}
