import { buildApp } from '../../src/app.ts';
import { loadConfig } from '../../src/config.ts';
import { type ConfiguredStore, createStore } from '../../src/store/create-store.ts';
import { parseStoreUrl } from '../../src/store/store-url.ts';
import { type Cleanup, serverBinary, startServer, until } from '../store/redis-server.ts';
import { RecordGenerator } from './generate.ts';
import { type Figure, percentile, progress, skipped } from './result.ts';

/** How long one exchange with a real Valkey or Redis on loopback takes, by the size of the batch. */

/** Batches of each size, after as many that nobody counts. */
const BATCHES = [
  { records: 1, batches: 300 },
  { records: 25, batches: 100 },
  { records: 125, batches: 50 },
  { records: 1000, batches: 15 },
];
const TIMEOUT_MS = 5000;

export async function run(): Promise<readonly Figure[]> {
  if (serverBinary === undefined) return [skipped('neither valkey-server nor redis-server is installed')];
  const cleanups: (() => Promise<void>)[] = [];
  const cleanup: Cleanup = { after: (work) => cleanups.push(work) };
  try {
    const server = await startServer(cleanup);
    const exchanges: number[] = [];
    const app = await buildApp(loadConfig({ DETRAILS_LOG_LEVEL: 'silent' }), {
      store: timed(openStore(server.port), exchanges),
    });
    cleanups.push(() => app.close());
    const send = (payload: Buffer) =>
      app.inject({
        method: 'POST',
        url: '/v1/enrich',
        headers: { 'content-type': 'application/json' },
        payload,
      });
    const first = Buffer.from(new RecordGenerator(3).next());
    await until(async () => (await send(first)).headers['detrails-degraded'] === '0');
    const figures: Figure[] = [];
    for (const { records, batches } of BATCHES) {
      const generator = new RecordGenerator(7);
      for (let batch = 0; batch < 2 * batches; batch++) {
        if (batch === batches) exchanges.length = 0;
        const payload = records === 1 ? Buffer.from(generator.next()) : generator.file(records);
        const answer = await send(payload);
        if (answer.headers['detrails-degraded'] !== '0') throw new Error('the store did not answer in time');
      }
      for (const share of [0.5, 0.99]) {
        figures.push({
          name: `exchange, batches of ${records}, p${share * 100}`,
          value: percentile(exchanges, share),
          unit: 'ms',
          note: `${exchanges.length} exchanges of ${batches} batches`,
        });
      }
      progress(`batches of ${records}: ${percentile(exchanges, 0.5).toFixed(2)} ms an exchange`);
    }
    return figures;
  } finally {
    for (const work of cleanups.reverse()) await work();
  }
}

function openStore(port: number): ConfiguredStore {
  const target = parseStoreUrl(`redis://127.0.0.1:${port}`);
  if ('fault' in target) throw new Error(target.fault);
  return createStore({
    target,
    timeoutMs: TIMEOUT_MS,
    memoryMaxBytes: 256 * 1024 * 1024,
    now: () => performance.now(),
  });
}

/** The same store; `times` grows by the milliseconds of every exchange. */
function timed(store: ConfiguredStore, times: number[]): ConfiguredStore {
  return {
    ...store,
    exchange: async (contributions) => {
      const started = performance.now();
      const answer = await store.exchange(contributions);
      times.push(performance.now() - started);
      return answer;
    },
  };
}
