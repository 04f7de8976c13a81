import assert from 'node:assert/strict';
import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const LEASH = ['--pdeathsig', 'KILL'];
let leashWords: readonly string[] | undefined;

/** A real server on loopback, for one test or file. */
export type TestServer = {
  readonly port: number;
  readonly pid: number;
  /** Runs one command with redis-cli and answers what it printed. */
  command(...args: readonly string[]): Promise<string>;
  /** Ends the process; the port stays free for {@link TestServer.start}. */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** Starts it again on the same port, empty. */
  start(): Promise<void>;
};

/** Whatever runs a function when a test, or a file of tests, is over. */
export type Cleanup = { after(cleanup: () => Promise<void>): void };

/** `valkey-server` or `redis-server` from PATH. */
export const serverBinary = findBinary(['valkey-server', 'redis-server']);
const cliBinary = findBinary(['valkey-cli', 'redis-cli']);

/**
 * False when a server can be started; else why tests that need one are skipped. With
 * `DETRAILS_REQUIRE_REDIS=1` a missing server is a failure.
 */
export function skipWithoutServer(): string | false {
  if (serverBinary !== undefined && cliBinary !== undefined) return false;
  assert.notEqual(process.env['DETRAILS_REQUIRE_REDIS'], '1', 'a Valkey or Redis server is required');
  return 'neither valkey-server nor redis-server (with its cli) is in PATH';
}

/** Starts a server with its own directory on a free port and stops it after the test. */
export async function startServer(
  t: Cleanup,
  args: readonly string[] = [],
  /** A configuration file and its mode, in place of persistence switches. */
  leading?: readonly string[],
): Promise<TestServer> {
  const directory = mkdtempSync(join(tmpdir(), 'detrails-redis-'));
  const port = await freePort();
  let child: ChildProcess | undefined;
  const kill = async (signal: NodeJS.Signals = 'SIGKILL'): Promise<void> => {
    const running = child;
    child = undefined;
    if (running === undefined || running.exitCode !== null) return;
    const exited = new Promise((resolve) => running.once('exit', resolve));
    // A paused process dies of SIGKILL all the same.
    running.kill(signal);
    await exited;
  };
  const start = async (): Promise<void> => {
    const [command = '', ...words] = [...leash(), serverBinary ?? 'redis-server'];
    child = spawn(
      command,
      [
        ...words,
        ...(leading ?? []),
        '--port',
        String(port),
        '--bind',
        '127.0.0.1',
        '--dir',
        directory,
        ...(leading === undefined ? ['--save', '', '--appendonly', 'no'] : []),
        ...args,
      ],
      { stdio: 'ignore' },
    );
    await answering(port);
  };
  t.after(async () => {
    await kill();
    rmSync(directory, { recursive: true, force: true });
  });
  await start();
  return {
    port,
    get pid() {
      return child?.pid ?? 0;
    },
    command: (...words) => cli(port, words),
    kill,
    start,
  };
}

/** Three nodes that serve a third of the slots each. */
export async function startCluster(t: Cleanup): Promise<readonly TestServer[]> {
  const nodes: TestServer[] = [];
  const buses: string[] = [];
  for (let i = 0; i < 3; i += 1) {
    // By default the bus is ten thousand higher, among the ports that the system hands out by itself.
    const bus = String(await freePort());
    const words = ['--cluster-enabled', 'yes', '--cluster-config-file', `nodes-${i}.conf`];
    nodes.push(await startServer(t, [...words, '--cluster-port', bus]));
    buses.push(bus);
  }
  const [first] = nodes;
  assert.ok(first !== undefined);
  for (const [index, { port }] of nodes.entries()) {
    if (index > 0) await first.command('CLUSTER', 'MEET', '127.0.0.1', String(port), buses[index] ?? '');
  }
  const bounds = [0, 5461, 10_923, 16_384];
  for (const [index, node] of nodes.entries()) {
    const range = [String(bounds[index]), String((bounds[index + 1] ?? 1) - 1)];
    await node.command('CLUSTER', 'ADDSLOTSRANGE', ...range);
  }
  for (const node of nodes) {
    await until(async () => {
      const info = await node.command('CLUSTER', 'INFO');
      return info.includes('cluster_state:ok') && info.includes('cluster_known_nodes:3');
    });
  }
  return nodes;
}

/** Waits until `condition` holds, ten seconds at most. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!(await condition())) {
    assert.ok(Date.now() < deadline, 'waited ten seconds in vain');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function cli(port: number, words: readonly string[]): Promise<string> {
  const { stdout } = await run(cliBinary ?? 'redis-cli', ['-p', String(port), ...words], { timeout: 5000 });
  return stdout.trim();
}

/** Words in front of a command that end it with this process, however that ends; none where they are unknown. */
export function leash(): readonly string[] {
  leashWords ??= spawnSync('setpriv', [...LEASH, 'true']).status === 0 ? ['setpriv', ...LEASH] : [];
  return leashWords;
}

function answering(port: number): Promise<void> {
  return until(
    () =>
      new Promise<boolean>((resolve) => {
        const socket = connect({ host: '127.0.0.1', port });
        socket.once('connect', () => socket.write('PING\r\n'));
        socket.once('data', (data) => {
          socket.destroy();
          resolve(data.toString().startsWith('+PONG'));
        });
        socket.once('error', () => resolve(false));
      }),
  );
}

export async function freePort(attempts = 20): Promise<number> {
  // Below the ports the system hands out by itself.
  const port = 20_000 + Math.floor(Math.random() * 12_000);
  if (await isFree(port)) return port;
  if (attempts === 0) throw new Error('no free port was found');
  return freePort(attempts - 1);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

function findBinary(names: readonly string[]): string | undefined {
  const directories = (process.env['PATH'] ?? '').split(delimiter);
  return names
    .flatMap((name) => directories.map((directory) => join(directory, name)))
    .find((path) => existsSync(path));
}
