import { type BenchServer, type Load, type LoadClient, startClient, startServer } from './processes.ts';
import { type Figure, median, progress } from './result.ts';

/**
 * The whole route over HTTP beside the bare echo: same bodies, same client, taking short turns. Two
 * ratios: of requests per second as the client sees them (it shares the two cores), and of CPU seconds per
 * request as the operating system accounts them to the server.
 */

export type RouteOptions = {
  readonly records?: readonly number[];
  readonly connections?: readonly number[];
  readonly rounds?: number;
  readonly seconds?: number;
  /** The Node that runs both servers. */
  readonly node?: string | undefined;
};

/** The compiler's, and thrown away: single events reach its last tier only after tens of thousands. */
const WARM_UP = [
  { records: 125, seconds: 6 },
  { records: 1, seconds: 8 },
  { records: 1000, seconds: 3 },
];

/** Of every kind of turn, before it counts. */
const SETTLE_SECONDS = 2;

type Round = Load & { readonly cpu: number };

export async function run({
  records = [1, 25, 125, 1000],
  connections = [1, 8, 32],
  rounds = 5,
  seconds = 1,
  node,
}: RouteOptions = {}): Promise<Figure[]> {
  const client = startClient();
  const echo = await startServer('echo-server', { node });
  const ours = await startServer('detrails-server', { node });
  const figures: Figure[] = [];
  try {
    progress('warming up');
    for (const server of [echo, ours]) {
      for (const turn of WARM_UP) await client.run({ ...turn, url: server.url, connections: 8, seed: 3 });
    }
    for (const batch of records) {
      for (const clients of connections) {
        const turn = { records: batch, connections: clients, seconds };
        const echoes: Round[] = [];
        const answers: Round[] = [];
        // Code that other bodies ran is made again for these: not what steady traffic pays for.
        for (const server of [echo, ours])
          await load(client, server, { ...turn, seconds: SETTLE_SECONDS, seed: 7 });
        for (let round = 0; round < rounds; round++) {
          echoes.push(await load(client, echo, { ...turn, seed: 7 + (round % 2) }));
          answers.push(await load(client, ours, { ...turn, seed: 7 + (round % 2) }));
        }
        const compared = compare(`${batch} records, ${clients} connections`, echoes, answers);
        figures.push(...compared);
        progress(compared.map(({ name, value }) => `${name}: ${value.toFixed(2)}`).join('; '));
      }
    }
  } finally {
    await Promise.all([client.stop(), echo.stop(), ours.stop()]);
  }
  return figures;
}

async function load(
  client: LoadClient,
  server: BenchServer,
  turn: { records: number; connections: number; seconds: number; seed: number },
): Promise<Round> {
  const before = await server.cpuSeconds();
  const seen = await client.run({ ...turn, url: server.url });
  const cpu = (await server.cpuSeconds()) - before;
  if (seen.failures > 0) throw new Error(`${seen.failures} requests to ${server.url} failed`);
  return { ...seen, cpu };
}

function compare(name: string, echoes: readonly Round[], answers: readonly Round[]): Figure[] {
  const rate = (rounds: readonly Round[]) => median(rounds.map((round) => round.requests / round.seconds));
  const cpu = (rounds: readonly Round[]) => median(rounds.map((round) => round.cpu / round.requests));
  const p99 = (rounds: readonly Round[]) => median(rounds.map((round) => round.p99));
  return [
    {
      name: `throughput, ${name}`,
      value: rate(answers) / rate(echoes),
      unit: 'x echo',
      note: `${Math.round(rate(answers))} and ${Math.round(rate(echoes))} requests a second`,
    },
    {
      name: `CPU spared, ${name}`,
      value: cpu(echoes) / cpu(answers),
      unit: 'x echo',
      note: `${Math.round(cpu(answers) * 1e6)} and ${Math.round(cpu(echoes) * 1e6)} us a request`,
    },
    {
      name: `p99 above echo, ${name}`,
      value: p99(answers) - p99(echoes),
      unit: 'ms',
      note: `${p99(answers).toFixed(2)} and ${p99(echoes).toFixed(2)} ms`,
    },
  ];
}
