/** Entries per generation: AWS has some 19,000 operations, one company uses a few thousand. */
const GENERATION_SIZE = 8192;

/**
 * What is known of operations by event source and name, exactly as the record spells them. Bounded by two
 * generations: when the younger is full it becomes the older one, which is then forgotten. Whatever is in
 * use is copied forward, so that a flood of invented names costs the flood alone.
 */
export class OperationCache<Value extends object | symbol> {
  #young = new Map<string, Map<string, Value>>();
  #old = new Map<string, Map<string, Value>>();
  #size = 0;

  /** How many are remembered: at most two generations. */
  get size(): number {
    let size = 0;
    for (const generation of [this.#young, this.#old]) {
      for (const byName of generation.values()) size += byName.size;
    }
    return size;
  }

  /** What is remembered for this source and name. */
  get(source: string, name: string): Value | undefined {
    const found = this.#young.get(source)?.get(name);
    if (found !== undefined) return found;
    const older = this.#old.get(source)?.get(name);
    if (older !== undefined) this.set(source, name, older);
    return older;
  }

  /** Remembers `value`. The caller keeps over-long names out. */
  set(source: string, name: string, value: Value): void {
    if (this.#size >= GENERATION_SIZE) {
      this.#old = this.#young;
      this.#young = new Map();
      this.#size = 0;
    }
    const bySource = this.#young.get(source);
    if (bySource === undefined) this.#young.set(source, new Map([[name, value]]));
    else bySource.set(name, value);
    this.#size += 1;
  }
}
