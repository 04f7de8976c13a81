import { Agent, request } from 'node:http';
import { RecordGenerator } from './generate.ts';
import { type Order, startClient, startServer } from './processes.ts';
import { type Figure, percentile, progress } from './result.ts';

/**
 * Latency of single events, one after the other, while the same process works through 64 MB files. Files
 * and events come from processes of their own: a client that reads files would be late itself.
 */

/** As many records as fit into 64 MB. */
const FILE_RECORDS = 42_000;
const ALONE_SECONDS = 4;
const BESIDE_SECONDS = 25;
const WARM_UP_SECONDS = 6;

export async function run(): Promise<readonly Figure[]> {
  const files = startClient();
  const server = await startServer('detrails-server', {
    env: { DETRAILS_MAX_BODY_BYTES: String(80 * 1024 * 1024) },
  });
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const single = Buffer.from(new RecordGenerator(5).next());
  const post = () => latency(server.port, agent, single);
  try {
    const order = (change: Partial<Order>): Order => ({
      url: server.url,
      connections: 1,
      records: FILE_RECORDS,
      seconds: BESIDE_SECONDS,
      seed: 7,
      ...change,
    });
    await files.run(order({ records: 100, connections: 4, seconds: WARM_UP_SECONDS }));
    // Makes the file, too.
    const { bytes } = await files.run(order({ seconds: 1 }));
    await during(pause(WARM_UP_SECONDS), post);
    const alone = await during(pause(ALONE_SECONDS), post);
    progress(`alone: ${summary(alone)}`);
    const working = files.run(order({}));
    const beside = await during(working, post);
    const { requests, failures } = await working;
    if (failures > 0) throw new Error(`${failures} files failed`);
    progress(`beside ${requests} files: ${summary(beside)}`);
    return [
      {
        name: 'p99 of single events, alone',
        value: percentile(alone, 0.99),
        unit: 'ms',
        note: summary(alone),
      },
      {
        name: `p99 of single events beside ${Math.round(bytes / 1e6)} MB files`,
        value: percentile(beside, 0.99),
        unit: 'ms',
        note: `${summary(beside)}; ${requests} files in ${BESIDE_SECONDS} s; goal: under 50`,
      },
    ];
  } finally {
    agent.destroy();
    await Promise.all([files.stop(), server.stop()]);
  }
}

function summary(times: readonly number[]): string {
  const at = (share: number) => percentile(times, share).toFixed(1);
  return `${times.length} calls, median ${at(0.5)} ms, p99 ${at(0.99)}, slowest ${at(1)}`;
}

/** Calls again and again until `end`; the times of the calls in milliseconds. */
async function during(end: Promise<unknown>, call: () => Promise<number>): Promise<number[]> {
  let isOver = false;
  const stop = (): void => {
    isOver = true;
  };
  end.then(stop, stop);
  const times: number[] = [];
  while (!isOver) times.push(await call());
  return times;
}

function pause(seconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, seconds * 1000));
}

function latency(port: number, agent: Agent, body: Buffer): Promise<number> {
  const started = performance.now();
  return new Promise((resolve, reject) => {
    const call = request(
      {
        port,
        host: '127.0.0.1',
        path: '/v1/enrich',
        method: 'POST',
        agent,
        headers: { 'content-type': 'application/json', 'content-length': body.length },
      },
      (answer) => {
        answer.on('end', () => resolve(performance.now() - started)).on('error', reject);
        answer.resume();
      },
    );
    call.on('error', reject).end(body);
  });
}
