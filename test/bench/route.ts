import { type ChildProcess, execFile, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Figure, median } from './result.ts';

/**
 * The whole route over HTTP beside the bare echo: same bodies, same client, taking turns. Two ratios: of
 * requests per second as the client sees them (it shares the two cores), and of CPU seconds per request
 * as the operating system accounts them to the server.
 */

const RECORDS = [1, 25, 100, 125, 1000];
const CONNECTIONS = [1, 8, 32];
const SECONDS = 2;

type Load = { requests: number; seconds: number; p50: number; p99: number; failures: number; bytes: number };
type Round = Load & { cpu: number };

export async function run(rounds = 3, records = RECORDS, connections = CONNECTIONS): Promise<Figure[]> {
  const echo = await start('echo-server');
  const ours = await start('detrails-server');
  const figures: Figure[] = [];
  try {
    for (const batch of records) {
      for (const clients of connections) {
        const echoes: Round[] = [];
        const answers: Round[] = [];
        // The first turn of each is thrown away: it is the compiler's.
        await load(echo.port, batch, clients, rounds);
        await load(ours.port, batch, clients, rounds);
        for (let round = 0; round < rounds; round++) {
          echoes.push(await load(echo.port, batch, clients, round));
          answers.push(await load(ours.port, batch, clients, round));
        }
        figures.push(...compare(`${batch} records, ${clients} connections`, echoes, answers));
      }
    }
  } finally {
    echo.process.kill();
    ours.process.kill();
  }
  return figures;
}

function compare(name: string, echoes: readonly Round[], answers: readonly Round[]): Figure[] {
  const rate = (rounds: readonly Round[]) => median(rounds.map((round) => round.requests / round.seconds));
  const cpu = (rounds: readonly Round[]) => median(rounds.map((round) => round.cpu / round.requests));
  const p99 = (rounds: readonly Round[]) => median(rounds.map((round) => round.p99));
  const failures = answers.reduce((sum, round) => sum + round.failures, 0);
  return [
    {
      name: `throughput, ${name}`,
      value: rate(answers) / rate(echoes),
      unit: 'x echo',
      note: failures === 0 ? '' : `${failures} failures`,
    },
    { name: `CPU spared, ${name}`, value: cpu(echoes) / cpu(answers), unit: 'x echo' },
    { name: `p99 above echo, ${name}`, value: p99(answers) - p99(echoes), unit: 'ms' },
  ];
}

async function load(port: number, records: number, connections: number, round: number): Promise<Round> {
  const order = {
    url: `http://127.0.0.1:${port}/v1/enrich`,
    connections,
    records,
    seconds: SECONDS,
    seed: 7 + round,
  };
  const before = await cpuSeconds(port);
  const { stdout } = await promisify(execFile)(process.execPath, [sibling('load'), JSON.stringify(order)]);
  const after = await cpuSeconds(port);
  return { ...(JSON.parse(stdout) as Load), cpu: after - before };
}

async function cpuSeconds(port: number): Promise<number> {
  return (await (await fetch(`http://127.0.0.1:${port}/cpu`)).json()) as number;
}

async function start(name: string): Promise<{ process: ChildProcess; port: number }> {
  const profiles = process.env['DETRAILS_BENCH_PROFILE'];
  // Both get the young generation that `npm start` gives.
  const execArgv = ['--max-semi-space-size=64'];
  if (profiles !== undefined) execArgv.push('--cpu-prof', `--cpu-prof-dir=${profiles}`);
  const child = fork(sibling(name), { execArgv });
  const [message] = (await once(child, 'message')) as [{ port: number }];
  return { process: child, port: message.port };
}

/** A module beside this one, with this one's extension: sources under Node 26, the build under Node 20. */
function sibling(name: string): string {
  return join(import.meta.dirname, name + (import.meta.filename.endsWith('.ts') ? '.ts' : '.js'));
}
