import type { IncomingMessage } from 'node:http';
import type { FastifyInstance } from 'fastify';
import type { Lines } from '../enrichment/pipeline.ts';
import type { Allocate } from './body-collector.ts';
import { readBody } from './read-body.ts';

/** Content types the enrich route reads; what is inside is decided by the bytes. */
export const JSON_TYPES = ['application/json', 'text/plain'];
export const BINARY_TYPES = ['application/gzip', 'application/x-gzip', 'application/octet-stream'];
export const LINE_TYPES = [
  'application/x-ndjson',
  'application/ndjson',
  'application/jsonl',
  'application/x-jsonlines',
];
export const READABLE_TYPES = [...JSON_TYPES, 'application/*+json', ...LINE_TYPES, ...BINARY_TYPES];

/** Hands bodies to the handlers as the bytes they came as: nothing is parsed before its time. */
export function acceptRawBodies(app: FastifyInstance, maxBytes: number, allocate: Allocate): void {
  app.removeAllContentTypeParsers();
  const types = [...JSON_TYPES, ...LINE_TYPES, ...BINARY_TYPES];
  for (const type of [types, /^application\/[\w.-]+\+json(?:;|$)/]) {
    app.addContentTypeParser(type, (request, payload, done) => {
      const body = bodies.get(request.raw);
      if (body !== undefined) done(null, body);
      else readBody(payload, Number(request.headers['content-length']), maxBytes, allocate, done);
    });
  }
}

/** Bodies that were read before Fastify saw their requests. */
const bodies = new WeakMap<IncomingMessage, Buffer>();

/** Hands on a request of which somebody read the body already. */
export function keepBody(request: IncomingMessage, body: Buffer): void {
  bodies.set(request, body);
}

/** Types of bodies that are text, as clients write them: alone, or with the one charset that JSON has. */
const TEXT_TYPES: ReadonlySet<string> = new Set(
  [...JSON_TYPES, ...LINE_TYPES].flatMap((type) => [type, `${type};charset=utf-8`, `${type}; charset=utf-8`]),
);

/** True when the content type alone says that the body is text which we read. */
export function isTextType(contentType: string | undefined): boolean {
  if (contentType === 'application/json') return true;
  return contentType !== undefined && TEXT_TYPES.has(contentType.toLowerCase());
}

/** Whether a body of this content type is lines of JSON. */
export function linesOf(contentType: string | undefined): Lines {
  if (contentType === 'application/json') return 'never';
  const type = (contentType ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (LINE_TYPES.includes(type)) return 'always';
  return type === 'application/json' || type.endsWith('+json') ? 'never' : 'maybe';
}
