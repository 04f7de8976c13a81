import cluster, { type Worker } from 'node:cluster';
import { AggregatorRegistry, type Registry } from 'prom-client';

/**
 * Metrics of several workers as one text. A scrape reaches any worker; it asks the primary, the primary
 * asks every worker for its own and adds them up as prom-client does. What a worker that ended had
 * counted by the last scrape stays in the sums, so that no counter runs backwards.
 */

/** The text of a scrape and its content type. */
export type Exposition = { readonly contentType: string; readonly text: string };
export type Expose = () => Promise<Exposition>;

type Metric = Awaited<ReturnType<Registry['getMetricsAsJSON']>>[number];
type Message =
  | { readonly detrails: 'scrape'; readonly id: number }
  | { readonly detrails: 'read'; readonly id: number }
  | { readonly detrails: 'own'; readonly id: number; readonly metrics: readonly Metric[] }
  | { readonly detrails: 'scraped'; readonly id: number; readonly text: string };

/** How long a worker may take to say what it counted; a busy one is left out of that scrape. */
const READ_MS = 2000;

/**
 * In a worker: answers the primary with what this worker counted, and exposes what all did.
 *
 * @param own brings the registry up to date
 */
export function shareMetrics(own: Expose, registry: Registry): Expose {
  const waiting = new Map<number, (text: string) => void>();
  let scrapes = 0;

  async function answer(id: number): Promise<void> {
    await own();
    send({ detrails: 'own', id, metrics: await registry.getMetricsAsJSON() });
  }

  process.on('message', (message) => {
    if (!isMessage(message)) return;
    if (message.detrails === 'read') void answer(message.id);
    else if (message.detrails === 'scraped') {
      waiting.get(message.id)?.(message.text);
      waiting.delete(message.id);
    }
  });
  return async () => {
    if (!process.connected) return own();
    const id = scrapes++;
    const text = new Promise<string>((resolve) => waiting.set(id, resolve));
    send({ detrails: 'scrape', id });
    return { contentType: registry.contentType, text: await text };
  };
}

/** In the primary: adds up for whichever worker is scraped. */
export function aggregateMetrics(): void {
  const reads = new Map<number, (worker: Worker, metrics: readonly Metric[]) => void>();
  const lastOf = new Map<Worker, readonly Metric[]>();
  let ended: Promise<readonly Metric[]> = Promise.resolve([]);
  let count = 0;

  /** What every worker counted; those that do not say so in time are as they were last. */
  function readAll(): Promise<void> {
    const id = count++;
    const silent = new Set(liveWorkers());
    return new Promise((resolve) => {
      const timer = setTimeout(finish, READ_MS);
      function finish(): void {
        clearTimeout(timer);
        reads.delete(id);
        resolve();
      }
      reads.set(id, (worker, metrics) => {
        lastOf.set(worker, metrics);
        silent.delete(worker);
        if (silent.size === 0) finish();
      });
      for (const worker of silent) worker.send({ detrails: 'read', id } satisfies Message);
    });
  }

  async function scrape(asker: Worker, id: number): Promise<void> {
    await readAll();
    const text = await sum([await ended, ...lastOf.values()]).metrics();
    if (asker.isConnected()) asker.send({ detrails: 'scraped', id, text } satisfies Message);
  }

  cluster.on('message', (worker: Worker, message: unknown) => {
    if (!isMessage(message)) return;
    if (message.detrails === 'scrape') void scrape(worker, message.id);
    else if (message.detrails === 'own') reads.get(message.id)?.(worker, message.metrics);
  });
  cluster.on('exit', (worker) => {
    const last = lastOf.get(worker);
    lastOf.delete(worker);
    if (last === undefined) return;
    // Gauges say what is now; only what was counted outlives the worker.
    const counted = last.filter(({ type }) => String(type) === 'counter' || String(type) === 'histogram');
    ended = ended.then((before) => sum([before, counted]).getMetricsAsJSON());
  });
}

function sum(parts: readonly (readonly Metric[])[]): Registry {
  return AggregatorRegistry.aggregate<typeof Registry.PROMETHEUS_CONTENT_TYPE>([...parts]);
}

function liveWorkers(): Worker[] {
  return Object.values(cluster.workers ?? {}).filter((worker) => worker?.isConnected() === true) as Worker[];
}

function send(message: Message): void {
  if (process.connected) process.send?.(message);
}

function isMessage(message: unknown): message is Message {
  return typeof message === 'object' && message !== null && Object.hasOwn(message, 'detrails');
}
