import { type ChildProcess, spawn } from 'node:child_process';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { leash } from '../store/redis-server.ts';

/** The real process, as a child. */
export type Service = {
  readonly port: number;
  readonly pid: number;
  /** Milliseconds from its start until it was ready. */
  readonly readyMs: number;
  /** What it logged so far. */
  readonly log: () => string;
  readonly exitCode: () => number | null;
  /** Sends a signal. */
  signal(signal: NodeJS.Signals): void;
  /** Sends the signal and answers the exit code, or null when a signal ended it. */
  stop(signal: NodeJS.Signals): Promise<number | null>;
  /** The text of its metrics. */
  metrics(): Promise<string>;
};

export type ServiceOptions = {
  readonly port: number;
  readonly environment?: Readonly<Record<string, string>>;
  /** Where its log goes; a pipe that is read by default. */
  readonly log?: string;
};

const EXTENSION = extname(import.meta.url);
const MAIN = fileURLToPath(new URL(`../../src/main${EXTENSION}`, import.meta.url));
const CLOCK = new URL(`./clock-control${EXTENSION}`, import.meta.url).href;
/** A heap too small for a leak: it would end the process. */
const NODE_OPTIONS = ['--max-old-space-size=256', '--import', CLOCK];
const MAX_LOG = 1 << 24;
const READY_MS = 60_000;

/** Starts the service under {@link CLOCK} and waits until it is ready. */
export async function startService(options: ServiceOptions): Promise<Service> {
  const { port, environment = {}, log } = options;
  const started = performance.now();
  const target = log === undefined ? '' : ` >${log}`;
  const child: ChildProcess = spawn(
    'sh',
    ['-c', `exec "$0" "$@"${target}`, ...leash(), process.execPath, ...NODE_OPTIONS, MAIN],
    {
      env: { PATH: process.env['PATH'], DETRAILS_PORT: String(port), ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let written = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => {
      if (written.length < MAX_LOG) written += chunk.toString();
    });
  const exited = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  const isOver = () => child.exitCode !== null || child.signalCode !== null;
  while (!(await isReady(port))) {
    if (isOver() || performance.now() - started > READY_MS) {
      child.kill('SIGKILL');
      throw new Error(`the service did not start: ${written.slice(-4000)}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return {
    port,
    pid: child.pid ?? 0,
    readyMs: performance.now() - started,
    log: () => written,
    exitCode: () => child.exitCode,
    signal: (signal) => void child.kill(signal),
    stop: async (signal) => {
      if (!isOver()) child.kill(signal);
      return exited;
    },
    metrics: async () =>
      (await fetch(`http://127.0.0.1:${port}/metrics`, { signal: AbortSignal.timeout(5000) })).text(),
  };
}

async function isReady(port: number): Promise<boolean> {
  try {
    return (await fetch(`http://127.0.0.1:${port}/readyz`)).ok;
  } catch {
    return false;
  }
}
