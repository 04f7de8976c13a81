import type { IncomingMessage } from 'node:http';
import { ProblemError } from '../errors.ts';
import { type Allocate, BodyCollector } from './body-collector.ts';

/**
 * Reads a body whole; a declared length was admitted before.
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
  const collector = new BodyCollector(declared, allocate);
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
