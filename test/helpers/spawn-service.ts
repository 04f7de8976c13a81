import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { extname } from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

/** The real process, compiled or not as the test itself is. */
export type Service = {
  readonly process: ChildProcess;
  readonly port: number;
  /** Both of its outputs so far. */
  readonly log: () => string;
  /** Exit code and signal, once it ended. */
  readonly exited: Promise<readonly [number | null, string | null]>;
};

const MAIN = fileURLToPath(new URL(`../../src/main${extname(import.meta.url)}`, import.meta.url));
const DEADLINE_MS = 30_000;

/** Starts the process; it is gone when the test ends. It may have ended before it listened: port 0. */
export async function spawnService(
  t: TestContext,
  environment: Readonly<Record<string, string>> = {},
  nodeOptions: readonly string[] = [],
): Promise<Service> {
  const child = spawn(process.execPath, [...nodeOptions, MAIN], {
    env: { PATH: process.env['PATH'], DETRAILS_PORT: '0', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  t.after(() => child.kill('SIGKILL'));
  const exited = once(child, 'close') as Promise<[number | null, string | null]>;
  let log = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      log += chunk.toString();
    });
  }
  const port = () => /ready: POST https?:\/\/\S+?:(\d+)\/v1\/enrich/.exec(log)?.[1];
  await eventually(() => port() !== undefined || child.exitCode !== null);
  return { process: child, port: Number(port() ?? 0), log: () => log, exited };
}

/** Looks again and again until the condition holds; fails after half a minute. */
export async function eventually(condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + DEADLINE_MS;
  while (!(await condition())) {
    assert.ok(performance.now() < deadline, 'in vain');
    await pause(10);
  }
}
