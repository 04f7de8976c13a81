import cluster, { type Worker } from 'node:cluster';
import type { Logger } from './logger.ts';
import { aggregateMetrics } from './wiring/worker-metrics.ts';

/**
 * Several processes on one port. The primary serves nothing itself: it accepts connections and hands them
 * to the workers in turn, replaces a worker that ended, and drains all of them on a signal. A worker that
 * crashes takes only its own connections with it.
 *
 * @see https://nodejs.org/api/cluster.html
 */
export type WorkersOptions = {
  readonly count: number;
  /** How long the workers may take to drain. */
  readonly drainMs: number;
  readonly logger: Logger;
};

/** Back-off of replacements: doubles with every crash in a row, and starts anew after a steady minute. */
const FIRST_DELAY_MS = 100;
const MAX_DELAY_MS = 10_000;
const STEADY_MS = 60_000;
/** What a worker gets on top of its own time to drain before it is ended. */
const GRACE_MS = 2000;

/** Runs the primary; it ends the process when all workers ended after a signal. */
export function runWorkers({ count, drainMs, logger }: WorkersOptions): void {
  let isDraining = false;
  let hasServed = false;
  let crashes = 0;
  let exitCode = 0;
  const startedAt = new Map<Worker, number>();

  function start(): void {
    if (isDraining) return;
    startedAt.set(cluster.fork(), performance.now());
  }

  function drain(reason: string): void {
    if (isDraining) return;
    isDraining = true;
    logger.info({ reason }, 'draining all workers');
    if (startedAt.size === 0) process.exit(exitCode);
    signalAll('SIGTERM');
    setTimeout(() => {
      exitCode = 1;
      logger.error({ workers: startedAt.size }, 'workers did not drain in time');
      signalAll('SIGKILL');
    }, drainMs + GRACE_MS);
  }

  function signalAll(signal: NodeJS.Signals): void {
    for (const worker of startedAt.keys()) worker.process.kill(signal);
  }

  cluster.on('listening', (worker, { address, port }) => {
    hasServed = true;
    logger.info({ worker: worker.process.pid, address, port }, 'worker listens');
  });
  cluster.on('exit', (worker, code, signal) => {
    const lived = performance.now() - (startedAt.get(worker) ?? 0);
    startedAt.delete(worker);
    if (isDraining) {
      if (startedAt.size === 0) process.exit(exitCode);
      return;
    }
    const ended = { worker: worker.process.pid, code, signal };
    if (!hasServed) {
      // The configuration is at fault, or the port: trying again would not help.
      logger.fatal(ended, 'worker did not start');
      exitCode = 1;
      drain('worker did not start');
      return;
    }
    crashes = lived >= STEADY_MS ? 0 : crashes + 1;
    const delay = backOff(crashes);
    logger.error({ ...ended, delay }, 'worker ended, replacing it');
    setTimeout(start, delay);
  });
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => drain(signal));
  aggregateMetrics();
  for (let worker = 0; worker < count; worker++) start();
}

/** Milliseconds before a replacement starts, after so many crashes in a row. */
export function backOff(crashes: number): number {
  return crashes <= 1 ? FIRST_DELAY_MS : Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** (crashes - 1));
}
