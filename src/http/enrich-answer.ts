import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { pipeline, Readable } from 'node:stream';
import type { EnrichResult } from '../enrichment/pipeline.ts';
import type { BufferPool } from './buffer-pool.ts';

/** A body that was enriched. */
export type Enriched = Extract<EnrichResult, { ok: true }>;

/** What is set of the headers of an answer. */
export type AnswerHeaders = { [name: string]: string | number | string[] | undefined };

/** Larger answers are streamed: what is handed to a socket at once is encrypted at once, should it be TLS. */
export const AT_ONCE_BYTES = 4 * 1024 * 1024;

/**
 * Writes an answer, and gives its memory back in the end.
 *
 * @param headers what is set already; grows
 * @param received the body, which nobody reads any more
 */
export function writeAnswer(
  answer: ServerResponse,
  headers: AnswerHeaders,
  result: Enriched,
  received: Buffer,
  buffers: BufferPool,
): void {
  const { chunks } = result;
  const length = addHeaders(headers, result);
  answer.writeHead(200, headers as OutgoingHttpHeaders);
  if (chunks.length === 1) answer.end(chunks[0]);
  else if (length > AT_ONCE_BYTES) {
    // Whoever leaves in the middle is an error that nobody has to be told.
    pipeline(Readable.from(gatherPieces(chunks), { objectMode: false }), answer, () => undefined);
  } else {
    // A stream would wait for the socket between pieces that are all there already.
    for (const piece of gatherPieces(chunks)) answer.write(piece);
    answer.end();
  }
  // Only now: a body that somebody else writes over must not be handed on, should all this throw.
  reuse(buffers, answer, received, chunks);
}

/** @returns the length of the answer in bytes */
function addHeaders(headers: AnswerHeaders, result: Enriched): number {
  let length = 0;
  for (const chunk of result.chunks) length += chunk.length;
  headers['content-type'] = result.contentType;
  headers['detrails-records'] = result.records;
  headers['detrails-errors'] = result.errors;
  headers['detrails-degraded'] = result.degraded;
  headers['content-length'] = length;
  return length;
}

/**
 * Gives memory back where nobody uses it any more: the body's, since nothing of its answer is a part of it,
 * and the answer's when the operating system has it. Whatever ends in another way is left to the garbage
 * collector.
 */
function reuse(
  buffers: BufferPool,
  answer: ServerResponse,
  received: Buffer,
  chunks: readonly Buffer[],
): void {
  buffers.giveBack(received);
  if (!chunks.some((chunk) => buffers.isLent(chunk))) return;
  const { socket } = answer;
  answer.once('finish', () => {
    // Of a connection that broke, some Nodes say so too.
    if (socket?.destroyed === false) for (const chunk of chunks) buffers.giveBack(chunk);
  });
}

/** A piece costs as much as copying so many bytes: smaller ones, lines mostly, are put together. */
const SMALL_PIECE_BYTES = 16 * 1024;
const GATHERED_BYTES = 256 * 1024;

/** The same bytes in pieces that are worth writing. */
export function* gatherPieces(chunks: readonly Buffer[]): Generator<Buffer, void, undefined> {
  let gathered: Buffer[] = [];
  let bytes = 0;
  for (const chunk of chunks) {
    const isSmall = chunk.length < SMALL_PIECE_BYTES;
    if (bytes > 0 && (!isSmall || bytes + chunk.length > GATHERED_BYTES)) {
      yield Buffer.concat(gathered, bytes);
      gathered = [];
      bytes = 0;
    }
    if (isSmall) {
      gathered.push(chunk);
      bytes += chunk.length;
    } else yield chunk;
  }
  if (bytes > 0) yield Buffer.concat(gathered, bytes);
}
