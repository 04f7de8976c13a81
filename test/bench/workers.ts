import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { promisify } from 'node:util';
import { type Figure, median } from './result.ts';

/**
 * Two workers against one process, by turns: CPU seconds per record, and how much of two CPUs the group
 * keeps busy, both as the operating system accounts them (`/proc/<pid>/stat`, children included). The
 * primary's share counts: it hands out the connections. The client runs on the same CPUs, so what is
 * left for the service is less than two.
 */

const BATCH = 125;
const CONNECTIONS = 32;
const SECONDS = 3;
/** Linux' clock ticks per second (`getconf CLK_TCK`), 100 on every architecture that Node runs on. */
const TICKS = 100;
const READY_MS = 30_000;

type Group = { readonly process: ChildProcess; readonly port: number };
type Round = { readonly requests: number; readonly seconds: number; readonly cpu: number };

export async function run(rounds = 3): Promise<Figure[]> {
  if (process.platform !== 'linux') return [];
  const one = await start(1);
  const two = await start(2);
  const alone: Round[] = [];
  const together: Round[] = [];
  try {
    // The first turn of each process is thrown away: it is the compiler's.
    await load(one, 0);
    for (let worker = 0; worker < 2; worker++) await load(two, 0);
    for (let round = 1; round <= rounds; round++) {
      alone.push(await load(one, round));
      together.push(await load(two, round));
    }
  } finally {
    one.process.kill();
    two.process.kill();
  }
  const perRecord = (all: readonly Round[]) => median(all.map(({ cpu, requests }) => cpu / requests / BATCH));
  const busy = (all: readonly Round[]) => median(all.map(({ cpu, seconds }) => cpu / seconds));
  const rate = (all: readonly Round[]) => median(all.map(({ requests, seconds }) => requests / seconds));
  return [
    {
      name: 'CPU seconds per record, two workers',
      value: perRecord(together) / perRecord(alone),
      unit: 'x one',
    },
    { name: 'share of two CPUs kept busy, two workers', value: busy(together) / 2, unit: 'of 1' },
    { name: 'share of two CPUs kept busy, one worker', value: busy(alone) / 2, unit: 'of 1' },
    { name: 'throughput, two workers', value: rate(together) / rate(alone), unit: 'x one' },
  ];
}

async function load(group: Group, round: number): Promise<Round> {
  const order = {
    url: `http://127.0.0.1:${group.port}/v1/enrich`,
    connections: CONNECTIONS,
    records: BATCH,
    seconds: SECONDS,
    seed: 11 + round,
  };
  const before = cpuSeconds(group.process.pid ?? 0);
  const { stdout } = await promisify(execFile)(process.execPath, [
    sibling('load', import.meta.dirname),
    JSON.stringify(order),
  ]);
  const cpu = cpuSeconds(group.process.pid ?? 0) - before;
  const { requests, seconds, failures } = JSON.parse(stdout) as Omit<Round, 'cpu'> & { failures: number };
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
    ['--max-semi-space-size=64', sibling('main', join(import.meta.dirname, '..', '..', 'src'))],
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
