import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Whatever runs a function when a test is over. */
export type Cleanup = { after(cleanup: () => Promise<void>): void };

/** A process of the service. */
export type ServiceProcess = {
  readonly url: string;
  /** Everything it has logged so far. */
  log(): string;
  /** Ends it and waits until it has ended; answers its exit code. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
};

const IS_SOURCE = import.meta.url.endsWith('.ts');
const MAIN = fileURLToPath(new URL(`../../src/main.${IS_SOURCE ? 'ts' : 'js'}`, import.meta.url));
const READY_MS = 30_000;

/**
 * Starts the real process, `src/main.ts` or its build, and waits until it says that it listens. The
 * environment is `env` and nothing else of ours. Stopped after the test at the latest.
 */
export async function startService(
  t: Cleanup,
  env: Readonly<Record<string, string>>,
): Promise<ServiceProcess> {
  const child = spawn(process.execPath, [MAIN], {
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  const stop = (signal: NodeJS.Signals = 'SIGKILL'): Promise<number | null> => endProcess(child, signal);
  t.after(async () => {
    await stop();
  });
  await until(READY_MS, () => child.exitCode !== null || READY.test(output));
  const url = READY.exec(output)?.[1];
  assert.ok(url !== undefined, `the service did not start:\n${output}`);
  return { url, log: () => output, stop };
}

const READY = /ready: POST (http:\/\/\S+?)\/v1\/enrich/;

/** Ends a process that was started here and waits for it. */
export async function endProcess(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  child.kill(signal);
  return exited;
}

/** Asks again until the answer is yes; fails after `ms` milliseconds, saying what it waited for. */
export async function until(
  ms: number,
  condition: () => boolean | Promise<boolean>,
  what: () => string = () => 'a condition',
): Promise<void> {
  const deadline = Date.now() + ms;
  while (!(await condition())) {
    assert.ok(Date.now() < deadline, `waited ${ms} ms in vain for ${what()}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
