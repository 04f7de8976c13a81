import rateLimit, { normalizeIP } from '@fastify/rate-limit';
import type { FastifyInstance } from 'fastify';
import { ProblemError } from '../../errors.ts';
import { needOf } from './scopes.ts';

const MINUTE_MS = 60_000;
/** Callers counted at once; the one not seen for longest is forgotten first. */
const MAX_CALLERS = 5000;

/**
 * At most so many requests per minute of one caller: a key, a certificate, or an address where nobody has
 * to say who it is. Counted per process. Probes and metrics are never limited. Registered after access is,
 * so that strangers use up nobody's share, and before admission, so that nobody waits to be refused.
 */
export async function limitRate(app: FastifyInstance, requestsPerMinute: number): Promise<void> {
  await app.register(rateLimit, {
    global: false,
    max: requestsPerMinute,
    timeWindow: MINUTE_MS,
    cache: MAX_CALLERS,
    enableDraftSpec: true,
    keyGenerator: (request) => request.caller?.name ?? normalizeIP(request.ip),
    allowList: (request) => {
      const need = needOf(request.routeOptions.url);
      return need === 'nothing' || need === 'metrics';
    },
    errorResponseBuilder: (_request, { max, ttl }) =>
      new ProblemError('rate_limited', `more than ${max} requests in a minute`, Math.ceil(ttl / 1000)),
  });
  app.addHook('onRequest', app.rateLimit());
}
