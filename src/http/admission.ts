import { ProblemError } from '../errors.ts';

/**
 * Bounded admission by bytes. Requests beyond the bound wait, in order; waiting is the back-pressure,
 * because Logstash's http filter never retries a 503. Only a wait that outlasts its limit is refused.
 */
export class Admission {
  readonly maxBytes: number;
  readonly maxWaitMs: number;
  readonly #queue: Waiter[] = [];
  #bytes = 0;

  constructor(maxBytes: number, maxWaitMs: number) {
    this.maxBytes = maxBytes;
    this.maxWaitMs = maxWaitMs;
  }

  /** Bytes in work. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Requests waiting. */
  get waiting(): number {
    return this.#queue.length;
  }

  /** Takes room at once, when there is some and nobody waits before. */
  tryEnter(bytes: number): boolean {
    if (this.#queue.length > 0 || !this.#fits(bytes)) return false;
    this.#bytes += bytes;
    return true;
  }

  /**
   * Calls `done` when there is room, with a problem when there was none for too long.
   * @returns a function that gives up waiting, for clients that leave
   */
  enter(bytes: number, done: (error?: ProblemError) => void): () => void {
    const waiter: Waiter = { bytes, done, timer: undefined };
    waiter.timer = setTimeout(() => {
      this.#leaveQueue(waiter);
      done(new ProblemError('overloaded', undefined, Math.ceil(this.maxWaitMs / 1000)));
    }, this.maxWaitMs);
    this.#queue.push(waiter);
    return () => this.#leaveQueue(waiter);
  }

  /** Gives room back. */
  leave(bytes: number): void {
    this.#bytes -= bytes;
    this.#admit();
  }

  #admit(): void {
    for (let next = this.#queue[0]; next !== undefined && this.#fits(next.bytes); next = this.#queue[0]) {
      this.#queue.shift();
      clearTimeout(next.timer);
      this.#bytes += next.bytes;
      next.done();
    }
  }

  /** One request always fits, however large: its size is bounded elsewhere. */
  #fits(bytes: number): boolean {
    return this.#bytes === 0 || this.#bytes + bytes <= this.maxBytes;
  }

  #leaveQueue(waiter: Waiter): void {
    const at = this.#queue.indexOf(waiter);
    if (at < 0) return;
    this.#queue.splice(at, 1);
    clearTimeout(waiter.timer);
    this.#admit();
  }
}

type Waiter = {
  readonly bytes: number;
  readonly done: (error?: ProblemError) => void;
  timer: NodeJS.Timeout | undefined;
};
