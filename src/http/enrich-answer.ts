import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { EnrichResult } from '../enrichment/pipeline.ts';
import type { BufferPool } from './buffer-pool.ts';

/** A body that was enriched. */
export type Enriched = Extract<EnrichResult, { ok: true }>;

/** What is set of the headers of an answer. */
export type AnswerHeaders = { [name: string]: string | number | string[] | undefined };

/**
 * Adds the headers of the answer.
 * @returns its length in bytes
 */
export function addHeaders(headers: AnswerHeaders, result: Enriched): number {
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
 * Gives memory back where nobody uses it any more: the body's, since its answer is written and nothing keeps
 * a part of it, and the answer's when the operating system has it. Whatever ends in another way is left to
 * the garbage collector.
 */
export function reuse(
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

/** Larger answers are streamed: what is handed to a socket at once is encrypted at once, should it be TLS. */
export const AT_ONCE_BYTES = 4 * 1024 * 1024;

/** Writes an answer of up to {@link AT_ONCE_BYTES}: a stream would wait for the socket between its pieces. */
export function writeAtOnce(answer: ServerResponse, headers: AnswerHeaders, chunks: readonly Buffer[]): void {
  answer.writeHead(200, headers as OutgoingHttpHeaders);
  if (chunks.length === 1) {
    answer.end(chunks[0]);
    return;
  }
  for (const piece of gatherPieces(chunks)) answer.write(piece);
  answer.end();
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
