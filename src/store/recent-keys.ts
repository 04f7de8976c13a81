/** A power of two: of two keys in one slot the later is remembered. */
const SLOTS = 1 << 15;

/** Remembers, roughly and within 128 kB, which keys were asked for lately. */
export class RecentKeys {
  readonly #hashes = new Int32Array(SLOTS);

  /** Notes a key; answers whether it was noted before and not displaced since. */
  note(key: string): boolean {
    let hash = 0x811c9dc5;
    for (let at = 0; at < key.length; at++) hash = Math.imul(hash ^ key.charCodeAt(at), 0x01000193);
    const slot = (hash ^ (hash >>> 15)) & (SLOTS - 1);
    if (this.#hashes[slot] === hash) return true;
    this.#hashes[slot] = hash;
    return false;
  }
}
