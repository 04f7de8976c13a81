import { Agent, request } from 'node:http';
import { gzipSync } from 'node:zlib';
import { RecordGenerator } from '../bench/generate.ts';
import { leaksIn, RECORDS } from '../secrets/planted.ts';
import type { Tally } from './tally.ts';

type Body = { readonly bytes: Buffer; readonly type: string; readonly ids: readonly string[] };
type Output = 'merge' | 'enrichments';

/** How long a client goes on sending a body that nobody takes: longer than any restart. */
const GIVE_UP_MS = 60_000;
const PAUSE_MS = 50;

/**
 * Good clients: each sends one body after the other until told to stop, every record only once answered and
 * never seen before, and counts what comes back.
 */
export class Traffic {
  readonly #generator: RecordGenerator;
  readonly #agent = new Agent({ keepAlive: true });
  readonly #port: number;
  readonly #tally: Tally;
  #stopped = false;
  #resume: (() => void) | undefined;
  #paused: Promise<void> | undefined;

  constructor(port: number, seed: number, tally: Tally) {
    this.#port = port;
    this.#tally = tally;
    this.#generator = new RecordGenerator(seed);
  }

  /** Runs clients until {@link stop}; a request in work is finished. */
  async run(clients: number): Promise<void> {
    await Promise.all(Array.from({ length: clients }, (_, index) => this.#client(index)));
    this.#agent.destroy();
  }

  stop(): void {
    this.#stopped = true;
    this.resume();
  }

  /** Nobody begins a request until {@link resume}. */
  pause(): void {
    this.#paused ??= new Promise((resolve) => {
      this.#resume = resolve;
    });
  }

  resume(): void {
    this.#resume?.();
    this.#paused = undefined;
  }

  async #client(index: number): Promise<void> {
    for (let turn = index; !this.#stopped; turn += 1) {
      await this.#paused;
      if (this.#stopped) return;
      await this.#deliver(nextBody(this.#generator, turn % 25), turn % 2 === 0 ? 'merge' : 'enrichments');
    }
  }

  /** Sends until it is answered: what a shipper does. */
  async #deliver(body: Body, output: Output): Promise<void> {
    const tally = this.#tally;
    tally.recordsIn += body.ids.length;
    const begun = performance.now();
    while (performance.now() - begun < GIVE_UP_MS) {
      const since = performance.now();
      try {
        const { status, text } = await this.#send(body, output);
        tally.answered(status, performance.now() - since);
        if (status === 200) {
          this.#check(body, output, text);
          return;
        }
      } catch (error) {
        tally.failed((error as NodeJS.ErrnoException).code ?? 'unknown');
      }
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }

  #check({ ids }: Body, output: Output, text: string): void {
    const tally = this.#tally;
    const items = itemsOf(text, output);
    tally.recordsOut += items.filter(({ detrails }) => detrails !== undefined).length;
    if (output === 'merge') {
      if (items.some(({ eventID }, index) => eventID !== ids[index])) tally.misplaced += 1;
    } else if (leaksIn(text).length > 0) tally.leaks += 1;
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

/** Of 25 bodies 20 hold one record; the others hold 20 to 400 as lines, files and gzip, and the planted ones. */
function nextBody(generator: RecordGenerator, turn: number): Body {
  const records = (count: number): string[] => Array.from({ length: count }, () => generator.next());
  switch (turn) {
    case 20:
      return file(records(50));
    case 21:
      return file(records(400));
    case 22: {
      const body = file(records(200));
      return { ...body, bytes: gzipSync(body.bytes), type: 'application/gzip' };
    }
    case 23: {
      const lines = records(20);
      return { bytes: Buffer.from(lines.join('\n')), type: 'application/x-ndjson', ids: idsOf(lines) };
    }
    case 24:
      return file(RECORDS.map((record) => JSON.stringify(record)));
    default: {
      const [record = ''] = records(1);
      return { bytes: Buffer.from(record), type: 'application/json', ids: idsOf([record]) };
    }
  }
}

function file(records: readonly string[]): Body {
  return {
    bytes: Buffer.from(`{"Records":[${records.join()}]}`),
    type: 'application/json',
    ids: idsOf(records),
  };
}

function idsOf(records: readonly string[]): string[] {
  return records.map((record) => (JSON.parse(record) as { eventID: string }).eventID);
}

type Item = { readonly detrails?: unknown; readonly eventID?: string };

/** Records of an answer, or their enrichments. */
function itemsOf(text: string, output: Output): readonly Item[] {
  const documents = text.startsWith('{"Records"') || !text.includes('\n') ? [text] : text.split('\n');
  return documents
    .filter((document) => document !== '')
    .flatMap((document) => {
      const parsed = JSON.parse(document) as { Records?: Item[]; enrichments?: Item[] } & Item;
      return (output === 'merge' ? parsed.Records : parsed.enrichments) ?? [parsed];
    });
}
