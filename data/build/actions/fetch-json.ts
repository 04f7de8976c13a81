import { setTimeout as sleep } from 'node:timers/promises';
import { type Dispatcher, request } from 'undici';

/** How to ask a server that may be slow, busy or cut off. */
export type FetchOptions = {
  readonly dispatcher?: Dispatcher;
  /** Tries in all. */
  readonly attempts: number;
  /** Wait before the second try; doubles with each further one. */
  readonly backOffMs: number;
  /** For the headers, and between two pieces of the body. */
  readonly timeoutMs: number;
  readonly maxBytes: number;
};

export const DEFAULT_FETCH: FetchOptions = {
  attempts: 5,
  backOffMs: 250,
  timeoutMs: 20_000,
  maxBytes: 32 * 1024 * 1024,
};

/**
 * The JSON at `url`. Server errors, throttling, timeouts, broken connections and truncated bodies are tried
 * again; any other answer is final.
 */
export async function fetchJson(url: string, options: FetchOptions): Promise<unknown> {
  let last: unknown;
  for (let attempt = 0; attempt < options.attempts; attempt++) {
    if (attempt > 0) await sleep(options.backOffMs * 2 ** (attempt - 1));
    try {
      return JSON.parse(await fetchText(url, options));
    } catch (error) {
      if (error instanceof FinalAnswer) throw error;
      last = error;
    }
  }
  const reason = last instanceof Error ? last.message : String(last);
  throw new Error(`${url}: ${reason} (${options.attempts} tries)`, { cause: last });
}

/** An answer that another try would not change. */
class FinalAnswer extends Error {}

async function fetchText(url: string, options: FetchOptions): Promise<string> {
  const { statusCode, body } = await request(url, {
    headers: { accept: 'application/json' },
    headersTimeout: options.timeoutMs,
    bodyTimeout: options.timeoutMs,
    ...(options.dispatcher === undefined ? {} : { dispatcher: options.dispatcher }),
  });
  if (statusCode !== 200) {
    await body.dump();
    const message = `${url}: status ${statusCode}`;
    throw statusCode === 429 || statusCode >= 500 ? new Error(message) : new FinalAnswer(message);
  }
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of body as AsyncIterable<Buffer>) {
    size += piece.length;
    if (size > options.maxBytes) throw new FinalAnswer(`${url}: more than ${options.maxBytes} bytes`);
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString('utf8');
}
