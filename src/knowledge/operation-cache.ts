import type { Operation } from './operation.ts';

/** Entries per generation: AWS has some 19,000 operations, one company uses a few thousand. */
const GENERATION_SIZE = 8192;

/**
 * Resolved operations by event source and name, exactly as the record spells them. Bounded by two
 * generations: when the younger is full it becomes the older one, which is then forgotten. Whatever is in
 * use is copied forward, so that a flood of invented names costs the flood alone.
 */
export class OperationCache {
  #young = new Map<string, Map<string, Operation>>();
  #old = new Map<string, Map<string, Operation>>();
  #size = 0;

  /** How many are remembered: at most two generations. */
  get size(): number {
    let size = 0;
    for (const generation of [this.#young, this.#old]) {
      for (const byName of generation.values()) size += byName.size;
    }
    return size;
  }

  /** The operation remembered for this source and name. */
  get(source: string, name: string): Operation | undefined {
    const found = this.#young.get(source)?.get(name);
    if (found !== undefined) return found;
    const older = this.#old.get(source)?.get(name);
    if (older !== undefined) this.set(source, name, older);
    return older;
  }

  /** Remembers `operation`. The caller keeps over-long names out. */
  set(source: string, name: string, operation: Operation): void {
    if (this.#size >= GENERATION_SIZE) {
      this.#old = this.#young;
      this.#young = new Map();
      this.#size = 0;
    }
    const bySource = this.#young.get(source);
    if (bySource === undefined) this.#young.set(source, new Map([[name, operation]]));
    else bySource.set(name, operation);
    this.#size += 1;
  }
}
