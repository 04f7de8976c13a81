import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { type LoadClient, startClient, startFlags } from './processes.ts';
import { type Figure, median, progress, skipped } from './result.ts';

/**
 * Two workers, one process, and two processes that know nothing of each other, by turns: CPU seconds per
 * record, and how much of two CPUs the group keeps busy, both as the operating system accounts them
 * (`/proc/<pid>/stat`, children included). The primary's share counts: it hands out the connections. The
 * client runs on the same CPUs, so what is left for the service is less than two. What two processes cost
 * more than one is the machine's: shared caches, and a client that takes turns with them. What workers cost
 * more than two processes is ours.
 */

const BATCH = 125;
const CONNECTIONS = 32;
const SECONDS = 2;
/** Every process compiles for itself: each has to have seen as much, however slow the machine is. */
const WARM_UP_REQUESTS = 800;
const WARM_UP_TURNS = 10;
const ROUNDS = 7;
/** Linux' clock ticks per second (`getconf CLK_TCK`), 100 on every architecture that Node runs on. */
const TICKS = 100;
const READY_MS = 30_000;

type Group = { readonly process: ChildProcess; readonly port: number };
type Round = { readonly requests: number; readonly seconds: number; readonly cpu: number };

export async function run(): Promise<Figure[]> {
  if (process.platform !== 'linux') return [skipped('CPU time of a group is read from /proc')];
  const one = await start(1);
  const other = await start(1);
  const two = await start(2);
  const clients = [startClient(), startClient()] as const;
  const alone: Round[] = [];
  const pair: Round[] = [];
  const workers: Round[] = [];
  try {
    progress('warming up');
    await warmUp(clients[0], one, 1);
    await warmUp(clients[0], other, 1);
    await warmUp(clients[0], two, 2);
    for (let round = 0; round < ROUNDS; round++) {
      const turn = { connections: CONNECTIONS, seconds: SECONDS, seed: 11 + (round % 2) };
      const half = { ...turn, connections: CONNECTIONS / 2 };
      alone.push(await load(clients[0], one, turn));
      pair.push(added(await Promise.all([load(clients[0], one, half), load(clients[1], other, half)])));
      workers.push(await load(clients[0], two, turn));
      progress(
        [alone, pair, workers].map((rounds) => `${microseconds(rounds.slice(-1)).toFixed(1)} us`).join(', '),
      );
    }
  } finally {
    for (const group of [one, other, two]) group.process.kill();
    await Promise.all(clients.map((client) => client.stop()));
  }
  const busy = (rounds: readonly Round[]) => median(rounds.map(({ cpu, seconds }) => cpu / seconds));
  const rate = (rounds: readonly Round[]) =>
    median(rounds.map(({ requests, seconds }) => requests / seconds));
  const [ofOne, ofPair, ofWorkers] = [alone, pair, workers].map(microseconds) as [number, number, number];
  return [
    {
      name: 'CPU seconds per record, two workers',
      value: ofWorkers / ofOne,
      unit: 'x one',
      note: `${ofWorkers.toFixed(1)} and ${ofOne.toFixed(1)} us; goal: at most 1.1`,
    },
    {
      name: 'CPU seconds per record, two processes without a cluster',
      value: ofPair / ofOne,
      unit: 'x one',
      note: "the machine's share of it",
    },
    { name: 'CPU seconds per record, two workers', value: ofWorkers / ofPair, unit: 'x two processes' },
    { name: 'share of two CPUs kept busy, two workers', value: busy(workers) / 2, unit: 'of 1' },
    { name: 'share of two CPUs kept busy, one worker', value: busy(alone) / 2, unit: 'of 1' },
    { name: 'throughput, two workers', value: rate(workers) / rate(alone), unit: 'x one' },
  ];
}

async function warmUp(client: LoadClient, group: Group, processes: number): Promise<void> {
  const turn = { connections: CONNECTIONS, seconds: SECONDS, seed: 3 };
  let requests = 0;
  for (let i = 0; i < WARM_UP_TURNS && requests < WARM_UP_REQUESTS * processes; i++) {
    requests += (await load(client, group, turn)).requests;
  }
}

function microseconds(rounds: readonly Round[]): number {
  return median(rounds.map(({ cpu, requests }) => (cpu * 1e6) / (requests * BATCH)));
}

function added(rounds: readonly Round[]): Round {
  return {
    requests: rounds.reduce((sum, { requests }) => sum + requests, 0),
    cpu: rounds.reduce((sum, { cpu }) => sum + cpu, 0),
    seconds: Math.max(...rounds.map(({ seconds }) => seconds)),
  };
}

async function load(
  client: LoadClient,
  group: Group,
  turn: { connections: number; seconds: number; seed: number },
): Promise<Round> {
  const before = cpuSeconds(group.process.pid ?? 0);
  const url = `http://127.0.0.1:${group.port}/v1/enrich`;
  const { requests, seconds, failures } = await client.run({ ...turn, url, records: BATCH });
  const cpu = cpuSeconds(group.process.pid ?? 0) - before;
  if (failures > 0) throw new Error(`${failures} requests failed`);
  return { requests, seconds, cpu };
}

/** User and system time of a process and of those it started, all threads included. */
function cpuSeconds(root: number): number {
  let ticks = 0;
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const columns = statOf(name);
    if (columns === undefined) continue;
    if (Number(name) === root || Number(columns[1]) === root) {
      ticks += Number(columns[11]) + Number(columns[12]);
    }
  }
  return ticks / TICKS;
}

/** The columns behind the name, from the state on; undefined when the process is gone. */
function statOf(pid: string): readonly string[] | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}

async function start(workers: number): Promise<Group> {
  const child = spawn(
    process.execPath,
    [...startFlags(), sibling('main', join(import.meta.dirname, '..', '..', 'src'))],
    {
      env: {
        PATH: process.env['PATH'],
        DETRAILS_PORT: '0',
        DETRAILS_WORKERS: String(workers),
        DETRAILS_WORKERS_ALLOW_MEMORY: 'true',
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const port = await new Promise<number>((resolve, reject) => {
    let log = '';
    const timer = setTimeout(() => reject(new Error(`not ready: ${log}`)), READY_MS);
    child.stdout.on('data', (chunk: Buffer) => {
      // After every worker said that it is ready, the log is read and dropped.
      if (log.length > READ_CHARACTERS) return;
      log += chunk.toString();
      const ready = readyPort(log, workers);
      if (ready === undefined) return;
      clearTimeout(timer);
      resolve(ready);
    });
  });
  return { process: child, port };
}

const READ_CHARACTERS = 1 << 20;

function readyPort(log: string, workers: number): number | undefined {
  const addresses = [...log.matchAll(/ready: POST http:\/\/127\.0\.0\.1:(\d+)\//g)];
  return addresses.length < workers ? undefined : Number(addresses[0]?.[1]);
}

/** A module with this one's extension: sources under Node 26, the build under Node 20. */
function sibling(name: string, folder: string): string {
  return join(folder, name + extname(import.meta.filename));
}
