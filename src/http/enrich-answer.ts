import type { ServerResponse } from 'node:http';
import type { EnrichResult } from '../enrichment/pipeline.ts';
import type { BufferPool } from './buffer-pool.ts';

/** A body that was enriched. */
export type Enriched = Extract<EnrichResult, { ok: true }>;

/** What is set of the headers of an answer. */
export type AnswerHeaders = { [name: string]: string | number | string[] | undefined };

/** Adds the headers of the answer. */
export function addHeaders(headers: AnswerHeaders, result: Enriched): void {
  let length = 0;
  for (const chunk of result.chunks) length += chunk.length;
  headers['content-type'] = result.contentType;
  headers['detrails-records'] = result.records;
  headers['detrails-errors'] = result.errors;
  headers['detrails-degraded'] = result.degraded;
  headers['content-length'] = length;
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
