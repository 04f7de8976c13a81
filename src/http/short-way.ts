import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import type { EnrichResult } from '../enrichment/pipeline.ts';
import type { Admission } from './admission.ts';
import { admitAtOnce } from './admit-by-bytes.ts';
import { isPacked } from './decompress.ts';
import { DirectRequest } from './direct-request.ts';
import { writeAnswer } from './enrich-answer.ts';
import { readEnrichQuery } from './enrich-query.ts';
import { type FollowRequestsOptions, followAnswer } from './follow-requests.ts';
import { isTextType, keepBody, linesOf } from './raw-body.ts';
import { ENRICH_PATH, type EnrichRouteOptions } from './routes/enrich.ts';

export type ShortWayOptions = FollowRequestsOptions &
  Pick<EnrichRouteOptions, 'enrich' | 'buffers'> & {
    /** Where bodies that are not small need room; who has to wait for it waits on the long way. */
    readonly admission: Admission;
    /** Larger bodies go the long way. */
    readonly maxBytes: number;
    /** Whether a request may be answered; whoever may not is refused on the long way. */
    readonly isLetIn: (request: IncomingMessage) => boolean;
  };

/** Of larger bodies what the framework does is nothing beside what they cost. */
export const SHORT_WAY_BYTES = 256 * 1024;

/**
 * Most requests of a pipeline are alike: an event or a few, as text, by a client that may. What the framework
 * does for them is up to a tenth of what they cost, so they are answered before it. Everything else goes the long
 * way, also what turns out to be something else once its body is read: this knows how to give an answer,
 * not how to refuse one, and gives the answer the long way would.
 *
 * @param longWay the framework's listener
 */
export function shortWay(longWay: RequestListener, options: ShortWayOptions): RequestListener {
  return (request, answer) => {
    if (!isUsual(request, options)) {
      longWay(request, answer);
      return;
    }
    const length = Number(request.headers['content-length']);
    const leave = admitAtOnce(options.admission, length, answer);
    if (leave === undefined) {
      longWay(request, answer);
      return;
    }
    const unfollow = followAnswer(answer, request.method as string, routeOf, options);
    const allocate = (bytes: number): Buffer => options.buffers.take(bytes);
    request.takeBody(length, allocate, (body) => {
      const goOn = (): void => {
        // Who left meanwhile gave back everything, and is answered nothing.
        if (answer.destroyed) return;
        leave();
        unfollow();
        request.endStream();
        keepBody(request, body);
        longWay(request, answer);
      };
      if (isPacked(body, undefined)) goOn();
      else answerWith(body, request, answer, options, goOn);
    });
  };
}

/** Puts a short way in front of the one listener of the framework's server. */
export function openShortWay(server: Server, options: ShortWayOptions): void {
  const [longWay] = server.listeners('request') as [RequestListener];
  server.off('request', longWay).on('request', shortWay(longWay, options));
}

const routeOf = (): string => ENRICH_PATH;

/** Told by what every request says before its body. */
export function isUsual(
  request: IncomingMessage,
  { drain, isLetIn, maxBytes }: Pick<ShortWayOptions, 'drain' | 'isLetIn' | 'maxBytes'>,
): request is DirectRequest {
  if (!(request instanceof DirectRequest)) return false;
  const { method, url, headers } = request;
  if (method !== 'POST' && method !== 'PUT') return false;
  if (url !== ENRICH_PATH && url?.startsWith(`${ENRICH_PATH}?`) !== true) return false;
  const length = Number(headers['content-length'] ?? Number.NaN);
  if (!(length > 0 && length <= maxBytes)) return false;
  if (!isTextType(headers['content-type']) || headers['content-encoding'] !== undefined) return false;
  return !drain.isClosed && isLetIn(request);
}

/** @param goOn where anything but a usual answer is given */
function answerWith(
  body: Buffer,
  request: IncomingMessage,
  answer: ServerResponse,
  { enrich, buffers }: ShortWayOptions,
  goOn: () => void,
): void {
  const write = (result: EnrichResult): boolean => {
    if (!result.ok) return false;
    writeAnswer(answer, {}, result, body, buffers);
    return true;
  };
  const end = (isAnswered: boolean): void => {
    if (!isAnswered) goOn();
  };
  // What throws is a query that is none, or a defect of ours: said in full on the long way.
  let isAnswered = false;
  try {
    const lines = linesOf(request.headers['content-type']);
    const result = enrich(body, lines, readEnrichQuery(request.url as string));
    if (result instanceof Promise) {
      result
        .then(write)
        .catch(() => false)
        .then(end);
      return;
    }
    isAnswered = write(result);
  } catch {}
  end(isAnswered);
}
