import { setTimeout as wait } from 'node:timers/promises';
import { leaksIn } from '../secrets/planted.ts';
import { freePort, skipWithoutServer, startServer } from '../store/redis-server.ts';

import { FAULTS, type Stage } from './faults.ts';
import { type Sample, takeSample } from './samples.ts';
import { type Service, startService } from './service.ts';
import { leaksInStore } from './store-leaks.ts';
import { Tally } from './tally.ts';
import { Traffic } from './traffic.ts';

/** How long a process took to be ready, and the longest its event loop stood still meanwhile. */
export type Start = { readonly readyMs: number; readonly longestLagMs: number };

/** Everything a soak saw. */
export type SoakFigures = {
  readonly tally: Tally;
  readonly hostile: ReadonlyMap<string, ReadonlyMap<number, number>>;
  readonly samples: readonly Sample[];
  /** Phases in order; a fault stands between the calm before and the calm after it. */
  readonly order: readonly { readonly name: string; readonly isFault: boolean }[];
  /** The first process after its warm-up: what the slope of memory is taken from. */
  readonly steady: { readonly pid: number; readonly from: number; readonly to: number };
  readonly starts: readonly Start[];
  /** After SIGTERM: under load, under load with a full disk for logs, and at the end. */
  readonly exitCodes: readonly (number | null)[];
  readonly leaks: readonly string[];
  readonly hasStore: boolean;
};

/** Shares of the time: warm-up, calm, and each fault with the calm after it. */
const WARM_UP = 5;
const CALM = 1;
const FAULT = 1.5;
const CLIENTS = 4;
/** A store that forgets the oldest when it is full, as a cache does. */
const STORE_OPTIONS = ['--maxmemory', '64mb', '--maxmemory-policy', 'allkeys-lru'];
const SAMPLE_MS = 1000;
const START = 'start';
const RESTART = 'SIGTERM under load, and a restart';
const FULL_DISK = 'disk for logs is full, and SIGTERM';

/**
 * The real process under mixed traffic for so many seconds, while things break around it one after the other.
 * What has to be cleaned up whatever happens is handed to `cleanup`.
 */
export async function soak(
  seconds: number,
  cleanup: (end: () => Promise<void>) => void,
): Promise<SoakFigures> {
  const store =
    skipWithoutServer() === false ? await startServer({ after: cleanup }, STORE_OPTIONS) : undefined;
  const faults = FAULTS.filter(({ needsStore }) => needsStore !== true || store !== undefined);
  const unit = (seconds * 1000) / (WARM_UP + CALM + (faults.length + 2) * (FAULT + CALM));
  const port = await freePort();
  const environment: Record<string, string> = {
    // Full soon, so that memory has no reason to grow after the warm-up.
    DETRAILS_MEMORY_MAX_BYTES: String(8 * 1024 * 1024),
    ...(store !== undefined && { DETRAILS_STORE_URL: `redis://127.0.0.1:${store.port}` }),
  };
  const start = async (log?: string): Promise<Service> => {
    const started = await startService({
      port: log === undefined ? port : await freePort(),
      environment: log === undefined ? environment : { ...environment, DETRAILS_LOG_LEVEL: 'trace' },
      ...(log !== undefined && { log }),
    });
    cleanup(async () => void (await started.stop('SIGKILL')));
    // What the first scrape says of the event loop is the start itself, when nobody was answered yet.
    const first = await takeSample(started, now(), START);
    starts.push({ readyMs: started.readyMs, longestLagMs: first?.longestLagMs ?? 0 });
    return started;
  };
  const began = performance.now();
  const now = () => (performance.now() - began) / 1000;
  const starts: Start[] = [];
  const exitCodes: (number | null)[] = [];
  const order: { name: string; isFault: boolean }[] = [];
  const samples: Sample[] = [];
  const texts: string[] = [];
  let service = await start();
  const tally = new Tally('warm-up');
  const sampling = setInterval(async () => {
    const sample = await takeSample(service, now(), order.at(-1)?.name ?? 'warm-up');
    if (sample !== undefined) samples.push(sample);
  }, SAMPLE_MS);
  cleanup(async () => clearInterval(sampling));
  const traffic = new Traffic(port, 11, tally);
  cleanup(async () => traffic.stop());
  const running = traffic.run(CLIENTS);
  const phase = async (name: string, during: () => Promise<unknown>, isFault = false): Promise<void> => {
    console.error(`${now().toFixed(0)} s ${name}`);
    tally.enter(name);
    order.push({ name, isFault });
    await during();
  };
  const calm = (name: string): Promise<void> => phase(name, () => wait(CALM * unit));

  await wait(WARM_UP * unit);
  const steady = { pid: service.pid, from: now(), to: 0 };
  await calm('calm');
  const hostile: Stage['hostile'] = new Map();
  for (const { name, during } of faults) {
    await phase(name, () => during({ service, store, hostile }, FAULT * unit), true);
    await calm(`after ${name}`);
  }
  steady.to = now();

  await phase(
    RESTART,
    async () => {
      await wait((FAULT * unit) / 4);
      exitCodes.push(await service.stop('SIGTERM'));
      texts.push(service.log());
      service = await start();
      await wait((FAULT * unit) / 4);
    },
    true,
  );
  await calm(`after ${RESTART}`);

  traffic.pause();
  await phase(FULL_DISK, () => withFullDisk(FAULT * unit), true);
  traffic.resume();
  await calm(`after ${FULL_DISK}`);

  /** A process whose every line of log is answered ENOSPC, and its own clients. */
  async function withFullDisk(ms: number): Promise<void> {
    const full = await start('/dev/full');
    const clients = new Traffic(full.port, 12, tally);
    const sent = clients.run(CLIENTS);
    await wait(ms);
    clients.stop();
    exitCodes.push(await full.stop('SIGTERM'));
    await sent;
  }

  clearInterval(sampling);
  traffic.stop();
  await running;
  texts.push(await service.metrics());
  const stored = store === undefined ? [] : await leaksInStore(store);
  exitCodes.push(await service.stop('SIGTERM'));
  texts.push(service.log());
  return {
    tally,
    hostile,
    samples,
    order,
    steady,
    starts,
    exitCodes,
    leaks: [...texts.flatMap(leaksIn), ...stored],
    hasStore: store !== undefined,
  };
}
