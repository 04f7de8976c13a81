import type { IncomingMessage } from 'node:http';
import { ProblemError } from '../errors.ts';

/** Gives memory for so many bytes, which may hold anything until it is written. */
export type Allocate = (bytes: number) => Buffer;

/**
 * Reads a body whole. Most events come in one piece, which is taken as it is: Node copied it out of the
 * socket's buffer already. A body whose length is declared is put together as it arrives, so that it is
 * never in memory twice; the length was admitted before.
 *
 * @param declared bytes by `Content-Length`, NaN without
 * @param allocate gives the memory of a body of declared length that comes in pieces
 * @param done called once: with the body, or with the problem
 */
export function readBody(
  payload: IncomingMessage,
  declared: number,
  maxBytes: number,
  allocate: Allocate,
  done: (problem: ProblemError | null, body?: Buffer) => void,
): void {
  if (declared > maxBytes) {
    done(new ProblemError('too_large'));
    return;
  }
  const collector = new Collector(declared, allocate);
  const refuse = (code: 'too_large' | 'malformed_request'): void => {
    payload.off('data', onData).off('end', onEnd).off('error', onError);
    done(new ProblemError(code));
  };
  const onData = (chunk: Buffer): void => {
    if (collector.length + chunk.length <= maxBytes) collector.add(chunk);
    else refuse('too_large');
  };
  // Listeners of a body that is whole stay: taking them away costs more than reading its headers.
  let isWhole = false;
  const onEnd = (): void => {
    isWhole = true;
    done(null, collector.body());
  };
  // The client left in the middle: no defect of ours, and nobody reads the answer.
  const onError = (): void => {
    if (!isWhole) refuse('malformed_request');
  };
  payload.on('data', onData).on('end', onEnd).on('error', onError);
}

const NOTHING = Buffer.alloc(0);

class Collector {
  /** Bytes received. */
  length = 0;
  readonly #declared: number;
  readonly #allocate: Allocate;
  #first: Buffer = NOTHING;
  /** Where pieces go when the length is known; what is behind {@link length} is not written yet. */
  #whole: Buffer | undefined;
  #pieces: Buffer[] | undefined;

  constructor(declared: number, allocate: Allocate) {
    this.#declared = declared;
    this.#allocate = allocate;
  }

  add(chunk: Buffer): void {
    const start = this.length;
    this.length += chunk.length;
    if (start === 0) this.#first = chunk;
    else if (this.#pieces !== undefined) this.#pieces.push(chunk);
    else if (this.length <= this.#declared) {
      if (this.#whole === undefined) {
        this.#whole = this.#allocate(this.#declared);
        this.#first.copy(this.#whole);
      }
      chunk.copy(this.#whole, start);
    } else this.#pieces = [this.#first, chunk];
  }

  body(): Buffer {
    if (this.#pieces !== undefined) return Buffer.concat(this.#pieces, this.length);
    if (this.#whole !== undefined) return this.#whole.subarray(0, this.length);
    // Made as all the others are: what Node's parser makes has a hidden class of its own, and code that meets
    // two of them checks at every byte.
    const { buffer, byteOffset, length } = this.#first;
    return Buffer.from(buffer, byteOffset, length);
  }
}
