import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { EnrichResult, Lines } from '../../enrichment/pipeline.ts';
import { ProblemError } from '../../errors.ts';
import { Admission } from '../admission.ts';
import { admitByBytes } from '../admit-by-bytes.ts';
import type { BufferPool } from '../buffer-pool.ts';
import { type DecompressLimits, decompress, isPacked, mostUnpackedBytes } from '../decompress.ts';
import { writeAnswer } from '../enrich-answer.ts';
import { type EnrichQuery, readEnrichQuery } from '../enrich-query.ts';
import { enrichSchema } from '../enrich-schema.ts';
import { acceptRawBodies, linesOf } from '../raw-body.ts';

export type EnrichRouteOptions = {
  readonly enrich: (body: Buffer, lines: Lines, query: EnrichQuery) => EnrichResult | Promise<EnrichResult>;
  readonly admission: Admission;
  /** Gives bodies their memory, and answers theirs by way of {@link enrich}. */
  readonly buffers: BufferPool;
  readonly maxBodyBytes: number;
  readonly decompression: DecompressLimits;
};

/** Where records are enriched. */
export const ENRICH_PATH = '/v1/enrich';

const NO_BODY = Buffer.alloc(0);

/** `POST|PUT /v1/enrich`: a batch in, the batch with its enrichment out. */
export async function enrichRoute(app: FastifyInstance, options: EnrichRouteOptions): Promise<void> {
  const { decompression, admission, buffers } = options;
  acceptRawBodies(app, options.maxBodyBytes, (bytes) => buffers.take(bytes));
  app.addHook('onRequest', admitByBytes(options.admission, options.maxBodyBytes));
  const unpacking = new Admission(admission.maxBytes, admission.maxWaitMs);

  const answered = (reply: FastifyReply, result: EnrichResult, received: Buffer): FastifyReply => {
    if (!result.ok) throw new ProblemError(result.code, faultDetail(result));
    // Written here: of known type and length, `send` has nothing to find out.
    writeAnswer(reply.raw, reply.getHeaders(), result, received, buffers);
    return reply;
  };

  /** Small bodies are answered within the call: nothing is promised for them. */
  const handler = (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> | undefined => {
    const query = readEnrichQuery(request.raw.url ?? '');
    const received = (request.body as Buffer | undefined) ?? NO_BODY;
    const encoding = request.headers['content-encoding'];
    const lines = linesOf(request.headers['content-type']);
    if (isPacked(received, encoding)) {
      return unpackWithin(unpacking, reply, received, encoding, decompression)
        .then((body) => options.enrich(body, lines, query))
        .then((result) => answered(reply, result, received));
    }
    const result = options.enrich(received, lines, query);
    if (result instanceof Promise) return result.then((later) => answered(reply, later, received));
    answered(reply, result, received);
    return undefined;
  };
  const noValidation = () => () => true;
  for (const method of ['POST', 'PUT'] as const) {
    app.route({
      method,
      url: ENRICH_PATH,
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
  const leave = (): void => {
    isGone = true;
    admission.leave(held);
  };
  // It may have gone between being let in and now.
  if (reply.raw.destroyed) leave();
  else reply.raw.once('close', leave);
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
