import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { RecordGenerator } from './generate.ts';
import type { Figure } from './result.ts';

/** Latency of single-event calls while the same process works through 64 MB files. */

const FILE_BYTES = 64 * 1024 * 1024;
const FILES = 6;

export async function run(): Promise<readonly Figure[]> {
  const extension = import.meta.filename.endsWith('.ts') ? '.ts' : '.js';
  const child = fork(join(import.meta.dirname, `detrails-server${extension}`), {
    execArgv: [],
    env: { ...process.env, DETRAILS_MAX_BODY_BYTES: String(80 * 1024 * 1024) },
  });
  const [{ port }] = (await once(child, 'message')) as [{ port: number }];
  const url = `http://127.0.0.1:${port}/v1/enrich`;
  const headers = { 'content-type': 'application/json' };
  const post = async (body: Buffer): Promise<Response> => fetch(url, { method: 'POST', headers, body });
  try {
    const generator = new RecordGenerator();
    const parts: string[] = [];
    for (let size = 0; size < FILE_BYTES - 2_000_000; ) {
      const text = generator.next();
      size += text.length + 1;
      parts.push(text);
    }
    const file = Buffer.from(`{"Records":[${parts.join(',')}]}`);
    const single = Buffer.from(generator.next());
    for (let i = 0; i < 200; i++) await (await post(single)).arrayBuffer();

    const alone = await latencies(300, () => post(single));
    let working = true;
    const files = (async () => {
      for (let i = 0; i < FILES; i++) {
        const response = await post(file);
        if (response.status !== 200) throw new Error(`file got ${response.status}`);
        for await (const _chunk of response.body ?? []) {
          // Read and thrown away: the client must not hold the file either.
        }
      }
      working = false;
    })();
    const beside: number[] = [];
    while (working) beside.push(...(await latencies(20, () => post(single))));
    await files;
    return [
      { name: 'p99 of single events, alone', value: percentile(alone, 0.99), unit: 'ms' },
      {
        name: `p99 of single events beside ${Math.round(file.length / 1e6)} MB files`,
        value: percentile(beside, 0.99),
        unit: 'ms',
        note: `${beside.length} calls, median ${percentile(beside, 0.5).toFixed(1)} ms; the client shares the cores; goal: under 50`,
      },
    ];
  } finally {
    child.kill();
  }
}

async function latencies(count: number, call: () => Promise<Response>): Promise<number[]> {
  const times: number[] = [];
  for (let i = 0; i < count; i++) {
    const started = performance.now();
    await (await call()).arrayBuffer();
    times.push(performance.now() - started);
  }
  return times;
}

function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
