import { createHash, timingSafeEqual } from 'node:crypto';
import type { ApiKey } from './parse-key-file.ts';

/** The keys of now. Replaced as a whole when the file changes. */
export class KeyRing {
  #keys: readonly ApiKey[] = [];

  /** How many keys are let in. */
  get size(): number {
    return this.#keys.length;
  }

  replace(keys: readonly ApiKey[]): void {
    this.#keys = keys;
  }

  /**
   * The key that was presented, if it is one of ours. Digests are compared, each of them and in constant
   * time: how long it takes tells neither how much of a key was right nor which one it was. A fast hash
   * does, since keys are 256 random bits: there is nothing to guess.
   */
  identify(presented: string): ApiKey | undefined {
    const digest = createHash('sha256').update(presented).digest();
    let found: ApiKey | undefined;
    for (const key of this.#keys) {
      if (timingSafeEqual(key.digest, digest)) found = key;
    }
    return found;
  }
}
