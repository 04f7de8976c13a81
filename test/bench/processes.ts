import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { projectPath } from '../../src/project-path.ts';

/** The processes of the bench: servers that are measured, and the client that loads them. */

export type BenchServer = {
  readonly port: number;
  readonly url: string;
  readonly pid: number;
  /** CPU seconds so far, user and system, of all its threads. */
  readonly cpuSeconds: () => Promise<number>;
  readonly stop: () => Promise<void>;
};

export type StartOptions = {
  /** The Node that runs it; this one by default. */
  readonly node?: string | undefined;
  readonly env?: Readonly<Record<string, string>>;
};

/** What to send, and for how long. */
export type Order = {
  readonly url: string;
  readonly connections: number;
  readonly records: number;
  readonly seconds: number;
  /** Stops after so many answers instead: what a cut off request cost would count for nothing. */
  readonly amount?: number;
  /** Of the generator: another one, other bodies. */
  readonly seed: number;
};

export type Load = {
  readonly requests: number;
  readonly seconds: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
  readonly failures: number;
  /** Mean size of a body. */
  readonly bytes: number;
};

export type LoadClient = {
  readonly run: (order: Order) => Promise<Load>;
  readonly stop: () => Promise<void>;
};

/** Starts `echo-server` or `detrails-server`; its log goes nowhere. */
export async function startServer(
  name: 'echo-server' | 'detrails-server',
  { node = process.execPath, env = {} }: StartOptions = {},
): Promise<BenchServer> {
  const profiles = process.env['DETRAILS_BENCH_PROFILE'];
  // Both get what `npm start` gives to V8.
  const execArgv = [...startFlags()];
  if (profiles !== undefined) execArgv.push('--cpu-prof', `--cpu-prof-dir=${profiles}`);
  const child = fork(modulePath(name), {
    execPath: node,
    execArgv,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const [{ port }] = (await once(child, 'message')) as [{ port: number }];
  return {
    port,
    url: `http://127.0.0.1:${port}/v1/enrich`,
    pid: child.pid ?? 0,
    cpuSeconds: async () => (await (await fetch(`http://127.0.0.1:${port}/cpu`)).json()) as number,
    stop: () => stop(child),
  };
}

/** The options of Node that `npm start` runs the service with. */
export function startFlags(): readonly string[] {
  const { scripts } = JSON.parse(readFileSync(projectPath('package.json'), 'utf8')) as {
    scripts: { start: string };
  };
  return scripts.start.split(' ').filter((word) => word.startsWith('--'));
}

/** One client for a whole scenario: it warms up once, and keeps its bodies. */
export function startClient(): LoadClient {
  const child = fork(modulePath('load'), { execArgv: [] });
  return {
    run: (order) =>
      new Promise((resolve, reject) => {
        const onLoad = (load: Load): void => {
          child.off('exit', onExit);
          resolve(load);
        };
        const onExit = (code: number | null): void => {
          child.off('message', onLoad);
          reject(new Error(`the client ended with ${code}`));
        };
        child.once('message', onLoad).once('exit', onExit);
        child.send(order);
      }),
    stop: () => stop(child),
  };
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill();
  await exited;
}

/** A module beside this one, with this one's extension: sources under Node 26, the build under Node 20. */
function modulePath(name: string): string {
  return join(import.meta.dirname, name + extname(import.meta.filename));
}
