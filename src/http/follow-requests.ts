import type { ServerResponse } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { ProblemError } from '../errors.ts';
import type { Drain } from './drain.ts';
import type { ObserveRequest } from './request-metrics.ts';

/** Somebody else listens by then. */
const RETRY_AFTER_SECONDS = 1;

export type FollowRequestsOptions = {
  readonly drain: Drain;
  readonly observe: ObserveRequest;
  /** Monotonic clock in milliseconds. */
  readonly monotonic: () => number;
};

/**
 * Follows every request from its headers to the end of its answer: what is in work, for a shutdown, and
 * how long it took. One hook and one listener for both, since single events pay for them each time; an
 * `onResponse` hook would cost Fastify two more listeners, and miss the clients that left.
 */
export function followRequests(app: FastifyInstance, options: FollowRequestsOptions): void {
  const { drain } = options;
  app.addHook('onRequest', (request, reply, done) => {
    followAnswer(reply.raw, request.method, () => request.routeOptions.url, options);
    if (drain.isClosed && request.routeOptions.url?.startsWith('/v1/') === true) {
      done(new ProblemError('draining', undefined, RETRY_AFTER_SECONDS));
    } else done();
  });
}

/**
 * Follows an answer to its end.
 *
 * @param route told then: the pattern of the route that answered
 * @returns stops following, as if there had been no request; for whoever hands it on
 */
export function followAnswer(
  answer: ServerResponse,
  method: string,
  route: () => string | undefined,
  { drain, observe, monotonic }: FollowRequestsOptions,
): () => void {
  const since = monotonic();
  const seat = drain.enter(answer);
  const onClose = (): void => {
    drain.leave(seat);
    // Whoever left before there was an answer was not answered.
    if (!answer.writableEnded) return;
    observe(route(), method, answer.statusCode, (monotonic() - since) / 1000);
  };
  answer.on('close', onClose);
  return () => {
    answer.off('close', onClose);
    drain.leave(seat);
  };
}
