/**
 * Memory of large bodies and answers, used again. V8 starts a collection of the whole heap for every few
 * dozen megabytes of such memory that were allocated, and the heap holds all the state we know.
 *
 * What nobody gives back is left to the garbage collector, so giving back is optional, and right only when
 * nobody reads or writes the memory any more: the next body is written over it. What is taken holds bytes of
 * somebody else until it is written.
 */
export class BufferPool {
  /** Whole buffers that nobody uses, the one given back last at the end. */
  readonly #idle: Buffer[] = [];
  #idleBytes = 0;
  readonly #maxIdleBytes: number;
  /** By the memory under it, what is in use. */
  readonly #lent = new WeakMap<ArrayBufferLike, Buffer>();

  /** @param maxIdleBytes most memory that is kept while nobody uses it */
  constructor(maxIdleBytes: number) {
    this.#maxIdleBytes = maxIdleBytes;
  }

  /** Memory for so many bytes, all of which the caller writes before anybody reads them. */
  take(bytes: number): Buffer {
    if (bytes < LEAST_BYTES || bytes > MOST_BYTES) return Buffer.allocUnsafe(bytes);
    const size = 2 ** (32 - Math.clz32(bytes - 1));
    const whole = this.#takeIdle(size) ?? Buffer.allocUnsafeSlow(size);
    this.#lent.set(whole.buffer, whole);
    return whole.subarray(0, bytes);
  }

  /** True for memory that {@link take} gave and that may be given back. */
  isLent(buffer: Buffer): boolean {
    return buffer.length > 0 && this.#lent.has(buffer.buffer);
  }

  /** Takes back what {@link take} gave, or a part of it, with all of it. Other buffers are left alone. */
  giveBack(buffer: Buffer): void {
    const whole = this.#lent.get(buffer.buffer);
    if (whole === undefined) return;
    this.#lent.delete(buffer.buffer);
    this.#idle.push(whole);
    this.#idleBytes += whole.length;
    // What was not used for longest gives way, so that the sizes kept are those in use.
    while (this.#idleBytes > this.#maxIdleBytes || this.#idle.length > MOST_IDLE) {
      this.#idleBytes -= this.#idle.shift()?.length ?? this.#idleBytes;
    }
  }

  #takeIdle(size: number): Buffer | undefined {
    const at = this.#idle.findLastIndex((buffer) => buffer.length === size);
    if (at < 0) return undefined;
    this.#idleBytes -= size;
    return this.#idle.splice(at, 1)[0];
  }
}

/** Smaller buffers share blocks that Node sets aside; larger ones would fill the pool by themselves. */
const LEAST_BYTES = 4 * 1024;
const MOST_BYTES = 32 * 1024 * 1024;
/** They are looked through one by one. */
const MOST_IDLE = 256;
