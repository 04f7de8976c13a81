import { type ChildProcess, spawn } from 'node:child_process';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The real process, as a child. */
export type Service = {
  readonly port: number;
  /** What it logged so far. */
  readonly log: () => string;
  readonly exitCode: () => number | null;
  /** Sends the signal and answers the exit code, or null when a signal ended it. */
  stop(signal: NodeJS.Signals): Promise<number | null>;
  /** The text of its metrics. */
  metrics(): Promise<string>;
};

export type ServiceOptions = {
  readonly port: number;
  readonly environment?: Readonly<Record<string, string>>;
  /** Shell words in front of the command, such as `ulimit -n 64;`. */
  readonly prelude?: string;
  /** Where its log goes; a pipe that is read by default. */
  readonly log?: string;
};

const MAIN = fileURLToPath(new URL(`../../src/main${extname(import.meta.url)}`, import.meta.url));
const MAX_LOG = 1 << 24;

/** Starts the service and waits until it is ready. */
export async function startService(options: ServiceOptions): Promise<Service> {
  const { port, prelude = '', environment = {}, log } = options;
  const target = log === undefined ? '' : ` >${log}`;
  const child: ChildProcess = spawn(
    'sh',
    ['-c', `${prelude} exec "$0" "$1"${target}`, process.execPath, MAIN],
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
  const deadline = performance.now() + 15_000;
  while (!(await isReady(port))) {
    if (isOver() || performance.now() > deadline) {
      child.kill('SIGKILL');
      throw new Error(`the service did not start: ${written}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return {
    port,
    log: () => written,
    exitCode: () => child.exitCode,
    stop: async (signal) => {
      if (!isOver()) child.kill(signal);
      return exited;
    },
    metrics: async () => (await fetch(`http://127.0.0.1:${port}/metrics`)).text(),
  };
}

async function isReady(port: number): Promise<boolean> {
  try {
    return (await fetch(`http://127.0.0.1:${port}/readyz`)).ok;
  } catch {
    return false;
  }
}
