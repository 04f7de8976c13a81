import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { EnrichResult } from '../../enrichment/pipeline.ts';
import { ProblemError } from '../../errors.ts';
import { Admission } from '../admission.ts';
import { type DecompressLimits, decompress, isPacked, mostUnpackedBytes } from '../decompress.ts';
import { type EnrichQuery, readEnrichQuery } from '../enrich-query.ts';
import { enrichSchema } from '../enrich-schema.ts';
import { acceptRawBodies, linesOf } from '../raw-body.ts';

export type EnrichRouteOptions = {
  readonly enrich: (
    body: Buffer,
    query: EnrichQuery,
    lines: 'always' | 'maybe' | 'never',
  ) => Promise<EnrichResult>;
  readonly admission: Admission;
  readonly maxBodyBytes: number;
  readonly decompression: DecompressLimits;
};

/** `POST|PUT /v1/enrich`: a batch in, the batch with its enrichment out. */
export async function enrichRoute(app: FastifyInstance, options: EnrichRouteOptions): Promise<void> {
  acceptRawBodies(app);
  admitByBytes(app, options);
  const { decompression, admission } = options;
  const unpacking = new Admission(admission.maxBytes, admission.maxWaitMs);

  const handler = async (request: FastifyRequest, reply: FastifyReply) => {
    const query = readEnrichQuery(request.raw.url ?? '');
    const received = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
    const encoding = request.headers['content-encoding'];
    const body = isPacked(received, encoding)
      ? await unpackWithin(unpacking, reply, received, encoding, decompression)
      : received;
    const result = await options.enrich(body, query, linesOf(request.headers['content-type']));
    if (!result.ok) throw new ProblemError(result.code, faultDetail(result));
    return answer(reply, result);
  };
  const noValidation = () => () => true;
  for (const method of ['POST', 'PUT'] as const) {
    app.route({
      method,
      url: '/v1/enrich',
      schema: enrichSchema(method),
      validatorCompiler: noValidation,
      handler,
    });
  }
}

/** What a caller needs beside the title: where it broke, or which option decides. */
function faultDetail({ code, offset }: Extract<EnrichResult, { ok: false }>): string | undefined {
  if (code === 'too_deep') return 'the bound is DETRAILS_MAX_ENVELOPE_DEPTH';
  if (offset === undefined) return undefined;
  const hint = code === 'java_text' ? '; send the list under a map with body_format => json' : '';
  return `at byte ${offset}${hint}`;
}

function answer(reply: FastifyReply, result: Extract<EnrichResult, { ok: true }>): FastifyReply {
  reply.header('content-type', result.contentType);
  reply.header('detrails-records', result.records);
  reply.header('detrails-errors', result.errors);
  reply.header('detrails-degraded', result.degraded);
  const [only, ...more] = result.chunks;
  if (only === undefined) return reply.send(Buffer.alloc(0));
  if (more.length === 0) return reply.send(only);
  let length = 0;
  for (const chunk of result.chunks) length += chunk.length;
  return reply.header('content-length', length).send(Readable.from(result.chunks, { objectMode: false }));
}

/** Lets a body in when there is room for its bytes; while it waits its socket is not read. */
function admitByBytes(app: FastifyInstance, { admission, maxBodyBytes }: EnrichRouteOptions): void {
  app.addHook('onRequest', (request, reply, done) => {
    const declared = Number(request.headers['content-length']);
    const bytes = Math.min(Number.isFinite(declared) ? declared : maxBodyBytes, maxBodyBytes);
    if (admission.tryEnter(bytes)) {
      reply.raw.once('close', () => admission.leave(bytes));
      done();
      return;
    }
    const giveUp = admission.enter(bytes, (problem) => {
      reply.raw.off('close', giveUp);
      if (problem === undefined) reply.raw.once('close', () => admission.leave(bytes));
      done(problem);
    });
    reply.raw.once('close', giveUp);
  });
}

/**
 * Unpacks when there is room for the most that may come out, then keeps room for what did come out until
 * the answer is gone. Small bodies become large ones: without this the sum of them would have no bound.
 */
async function unpackWithin(
  admission: Admission,
  reply: FastifyReply,
  received: Buffer,
  encoding: string | undefined,
  limits: DecompressLimits,
): Promise<Buffer> {
  let held = mostUnpackedBytes(received.length, limits);
  await roomFor(admission, held, reply);
  let isGone = false;
  reply.raw.once('close', () => {
    isGone = true;
    admission.leave(held);
  });
  const unpacked = await decompress(received, encoding, limits);
  if (isGone) return unpacked;
  admission.leave(held - unpacked.length);
  held = unpacked.length;
  return unpacked;
}

/** Resolves when there is room; never for a client that left meanwhile. */
function roomFor(admission: Admission, bytes: number, reply: FastifyReply): Promise<void> {
  if (admission.tryEnter(bytes)) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const giveUp = admission.enter(bytes, (problem) => {
      reply.raw.off('close', giveUp);
      if (problem === undefined) resolve();
      else reject(problem);
    });
    reply.raw.once('close', giveUp);
  });
}
