/** What a key is compared by: the object itself, or undefined for "none". */
export type IdentityKey = object | string | undefined;

/** How many keys make one entry. */
export type IdentityKeys = readonly [IdentityKey, IdentityKey, IdentityKey, IdentityKey, IdentityKey];

/**
 * Remembers one value per combination of five objects, compared by identity: no text is built to ask. It
 * forgets everything when it is full, which costs no more than filling it did.
 */
export class IdentityCache<Value extends object> {
  readonly #limit: number;
  #root: Level = new Map();
  #size = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get(a: IdentityKey, b: IdentityKey, c: IdentityKey, d: IdentityKey, e: IdentityKey): Value | undefined {
    let level: Level | undefined = this.#root;
    level = level.get(a) as Level | undefined;
    level = level?.get(b) as Level | undefined;
    level = level?.get(c) as Level | undefined;
    level = level?.get(d) as Level | undefined;
    return level?.get(e) as Value | undefined;
  }

  set(keys: IdentityKeys, value: Value): void {
    if (this.#size >= this.#limit) {
      this.#root = new Map();
      this.#size = 0;
    }
    let level = this.#root;
    for (const key of keys.slice(0, -1)) {
      let below = level.get(key) as Level | undefined;
      if (below === undefined) {
        below = new Map();
        level.set(key, below);
      }
      level = below;
    }
    level.set(keys[4], value);
    this.#size += 1;
  }
}

type Level = Map<IdentityKey, object>;
