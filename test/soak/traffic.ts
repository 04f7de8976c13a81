import { Agent, request } from 'node:http';
import { gzipSync } from 'node:zlib';
import { RecordGenerator } from '../bench/generate.ts';
import { leaksIn, RECORDS } from '../secrets/planted.ts';
import type { Tally } from './tally.ts';

type Body = { readonly bytes: Buffer; readonly type: string; readonly records: number };

/** Attempts of one request while the service restarts or has no sockets left. */
const MAX_ATTEMPTS = 200;

/** Good clients: each sends one body after the other until told to stop, and counts what comes back. */
export class Traffic {
  readonly #bodies: readonly Body[];
  readonly #agent = new Agent({ keepAlive: true });
  readonly #port: number;
  readonly #tally: Tally;
  #stopped = false;

  constructor(port: number, seed: number, tally: Tally) {
    this.#port = port;
    this.#tally = tally;
    this.#bodies = bodiesOf(new RecordGenerator(seed));
  }

  /** Runs clients until {@link stop}; a request in work is finished. */
  async run(clients: number): Promise<void> {
    await Promise.all(Array.from({ length: clients }, (_, index) => this.#client(index)));
    this.#agent.destroy();
  }

  stop(): void {
    this.#stopped = true;
  }

  async #client(index: number): Promise<void> {
    for (let turn = index; !this.#stopped; turn += 1) {
      const body = this.#bodies[turn % this.#bodies.length] as Body;
      await this.#deliver(body, turn % 2 === 0 ? 'merge' : 'enrichments');
    }
  }

  /** Sends until it is answered: what a shipper does. */
  async #deliver(body: Body, output: 'merge' | 'enrichments'): Promise<void> {
    const tally = this.#tally;
    tally.recordsIn += body.records;
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
      const since = performance.now();
      try {
        const { status, text } = await this.#send(body, output);
        tally.answered(status, performance.now() - since);
        if (status === 200) {
          tally.recordsOut += countRecords(text, output);
          if (output === 'enrichments' && leaksIn(text).length > 0) tally.leaks += 1;
          return;
        }
      } catch (error) {
        tally.failed((error as NodeJS.ErrnoException).code ?? 'unknown');
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  #send(body: Body, output: string): Promise<{ status: number; text: string }> {
    return new Promise((resolve, reject) => {
      const sent = request(
        {
          host: '127.0.0.1',
          port: this.#port,
          path: `/v1/enrich?output=${output}`,
          method: 'POST',
          agent: this.#agent,
          headers: { 'content-type': body.type, 'content-length': body.bytes.length },
        },
        (answer) => {
          const chunks: Buffer[] = [];
          answer.on('data', (chunk: Buffer) => chunks.push(chunk));
          answer.once('error', reject);
          answer.once('end', () =>
            resolve({ status: answer.statusCode ?? 0, text: Buffer.concat(chunks).toString() }),
          );
        },
      );
      sent.once('error', reject);
      sent.end(body.bytes);
    });
  }
}

function bodiesOf(generator: RecordGenerator): readonly Body[] {
  const json = 'application/json';
  const single = (): Body => ({ bytes: Buffer.from(generator.next()), type: json, records: 1 });
  const planted = JSON.stringify({ Records: RECORDS });
  const lines = Array.from({ length: 20 }, () => generator.next()).join('\n');
  return [
    ...Array.from({ length: 20 }, single),
    { bytes: generator.file(50), type: json, records: 50 },
    { bytes: generator.file(400), type: json, records: 400 },
    { bytes: gzipSync(generator.file(200)), type: 'application/gzip', records: 200 },
    { bytes: Buffer.from(lines), type: 'application/x-ndjson', records: 20 },
    { bytes: Buffer.from(planted), type: json, records: RECORDS.length },
  ];
}

/** Enriched records of an answer. */
function countRecords(text: string, output: 'merge' | 'enrichments'): number {
  const documents = text.startsWith('{"Records"') || !text.includes('\n') ? [text] : text.split('\n');
  let count = 0;
  for (const document of documents) {
    if (document === '') continue;
    const parsed = JSON.parse(document) as { Records?: unknown[]; enrichments?: unknown[] };
    const items = (output === 'merge' ? parsed.Records : parsed.enrichments) ?? [parsed];
    for (const item of items) if ((item as { detrails?: unknown }).detrails !== undefined) count += 1;
  }
  return count;
}
