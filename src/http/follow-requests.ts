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
export function followRequests(
  app: FastifyInstance,
  { drain, observe, monotonic }: FollowRequestsOptions,
): void {
  app.addHook('onRequest', (request, reply, done) => {
    const answer = reply.raw;
    const since = monotonic();
    drain.enter(answer);
    answer.on('close', () => {
      drain.leave(answer);
      // Whoever left before there was an answer was not answered.
      if (!answer.writableEnded) return;
      observe(request.routeOptions.url, request.method, answer.statusCode, (monotonic() - since) / 1000);
    });
    if (drain.isClosed && request.routeOptions.url?.startsWith('/v1/') === true) {
      done(new ProblemError('draining', undefined, RETRY_AFTER_SECONDS));
    } else done();
  });
}
