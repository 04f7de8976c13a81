import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type ProblemCode, ProblemError, problemOf } from '../errors.ts';
import { READABLE_TYPES } from './raw-body.ts';

/** Fastify's own errors, in our words. */
const FASTIFY_CODES: ReadonlyMap<string, ProblemCode> = new Map<string, ProblemCode>([
  ['FST_ERR_CTP_BODY_TOO_LARGE', 'too_large'],
  ['FST_ERR_CTP_INVALID_MEDIA_TYPE', 'unsupported_media_type'],
  ['FST_ERR_CTP_INVALID_CONTENT_LENGTH', 'invalid_json'],
  ['FST_ERR_CTP_EMPTY_JSON_BODY', 'empty_body'],
  ['FST_ERR_CTP_INVALID_JSON_BODY', 'invalid_json'],
  ['FST_ERR_VALIDATION', 'invalid_query'],
  ['FST_ERR_HANDLER_TIMEOUT', 'overloaded'],
  ['FST_ERR_BAD_URL', 'not_found'],
  ['FST_ERR_MAX_PARAM_LENGTH', 'not_found'],
]);

/** Answers every error as `application/problem+json`, without echoing input. */
export function answerProblems(app: FastifyInstance): void {
  app.setErrorHandler((error: FastifyError | ProblemError, request, reply) => {
    const problem = asProblem(error);
    if (problem.statusCode >= 500) app.log.error({ reqId: request.id, err: error }, problem.message);
    return sendProblem(reply, request, problem);
  });
  // At once, before the body: what is sent to nowhere is neither read nor parsed.
  app.addHook('onRequest', (request, reply, done) => {
    if (request.is404) answerNotFound(app, request, reply);
    else done();
  });
  app.setNotFoundHandler((request, reply) => answerNotFound(app, request, reply));
}

function answerNotFound(app: FastifyInstance, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const path = request.url.split('?', 1)[0] ?? '';
  const allowed = (['GET', 'POST', 'PUT'] as const).filter((method) => app.hasRoute({ method, url: path }));
  if (allowed.length === 0) return sendProblem(reply, request, new ProblemError('not_found'));
  reply.header('allow', allowed.join(', '));
  return sendProblem(reply, request, new ProblemError('method_not_allowed'));
}

/**
 * What Fastify refuses before there is a route, such as a URL that does not decode: its own words would
 * echo the URL. For the option `frameworkErrors`.
 */
export function answerFrameworkProblem(
  error: FastifyError,
  request: FastifyRequest,
  reply: FastifyReply,
): void {
  sendProblem(reply, request, asProblem(error));
}

/** Sends a problem; also for hooks that refuse before any handler. */
export function sendProblem(
  reply: FastifyReply,
  request: FastifyRequest,
  problem: ProblemError,
): FastifyReply {
  if (problem.retryAfter !== undefined) reply.header('retry-after', problem.retryAfter);
  if (problem.statusCode === 401)
    reply.header('www-authenticate', 'Bearer realm="detrails", Basic realm="detrails"');
  return reply
    .code(problem.statusCode)
    .header('content-type', 'application/problem+json')
    .send(Buffer.from(JSON.stringify(problemOf(problem.code, problem.detail, request.id)))); // text would get a charset
}

function asProblem(error: FastifyError | ProblemError): ProblemError {
  if (error instanceof ProblemError) return error;
  const code = FASTIFY_CODES.get(error.code);
  if (code === 'unsupported_media_type')
    return new ProblemError(code, `readable: ${READABLE_TYPES.join(', ')}`);
  if (code === 'invalid_query' && 'validation' in error && error.validation) {
    const faults = error.validation.map((fault) => `${fault.instancePath} ${fault.message ?? ''}`.trim());
    return new ProblemError(code, faults.join('; ').slice(0, 400));
  }
  if (code !== undefined) return new ProblemError(code);
  if (error.statusCode === 429) return new ProblemError('rate_limited');
  return new ProblemError('internal');
}
