import { flatCopy } from './flat-copy.ts';

/**
 * What was asked for lately, by text: at most two generations of `limit` answers. When the younger one is
 * full it becomes the older one, which is then forgotten; what is in use is carried over. So a flood of new
 * keys costs the flood alone, and asking again is one look-up: a list in the order of use would cost more
 * to keep than what is asked for.
 */
export class Recent<Value extends object | symbol> {
  readonly #limit: number;
  #young = new Map<string, Value>();
  #old = new Map<string, Value>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** How many are remembered: at most two generations. */
  get size(): number {
    return this.#young.size + this.#old.size;
  }

  get(key: string): Value | undefined {
    const found = this.#young.get(key);
    if (found !== undefined) return found;
    const older = this.#old.get(key);
    if (older !== undefined) this.set(key, older);
    return older;
  }

  /** The key is copied; the caller keeps over-long ones out. */
  set(key: string, value: Value): void {
    if (this.#young.size >= this.#limit) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(flatCopy(key), value);
  }
}
