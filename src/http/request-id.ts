import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

const PREFIX = randomUUID().slice(0, 8);
let count = 0;

/**
 * The caller's `x-request-id` when it is a plain identifier, else one of ours: it is logged and echoed,
 * so nothing else gets through.
 */
export function requestId(request: { readonly headers: IncomingHttpHeaders }): string {
  const given = request.headers['x-request-id'];
  if (typeof given === 'string' && given.length <= 64 && /^[\w.-]+$/.test(given)) return given;
  count = (count + 1) % Number.MAX_SAFE_INTEGER;
  return `${PREFIX}-${count.toString(36)}`;
}
