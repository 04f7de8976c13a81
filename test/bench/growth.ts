import { FILLER } from './filler.ts';
import { type LoadClient, startClient, startServer } from './processes.ts';
import { type Figure, median, progress } from './result.ts';

/**
 * CPU time per byte from 10 to 10,000 records, and with an empty and a full store: both should be flat.
 * What a request costs by itself shows with small bodies; the echo's own growth is there to compare with.
 */

const SIZES = [10, 100, 1000, 10_000];
const REFERENCE = 1000;
const ROUNDS = 5;
/** Before those: what came in between (other bodies, a store that fills) is still settling. */
const SETTLE_ROUNDS = 1;
/** Records sent in a round, in whole bodies. */
const ROUND_RECORDS = 60_000;
const CONNECTIONS = 2;
const SESSIONS = 200_000;
const SESSIONS_PER_FILE = 2000;

export async function run(): Promise<readonly Figure[]> {
  const client = startClient();
  const env = { DETRAILS_MEMORY_MAX_BYTES: String(1024 ** 3) };
  const ours = await startServer('detrails-server', { env });
  const echo = await startServer('echo-server');
  try {
    const cost = (server: typeof ours, records: number): Promise<number> =>
      nanosecondsPerByte(client, server, records);
    for (const server of [echo, ours]) {
      for (const records of SIZES) {
        await client.run({ url: server.url, connections: 4, records, seconds: 4, seed: 3 });
      }
    }
    const costs: { readonly records: number; readonly value: number; readonly beside: number }[] = [];
    for (const records of SIZES) {
      const value = await cost(ours, records);
      const beside = await cost(echo, records);
      costs.push({ records, value, beside });
      progress(`${records} records: ${value.toFixed(1)} ns a byte, echo ${beside.toFixed(1)}`);
    }
    const reference = costs.find(({ records }) => records === REFERENCE);
    if (reference === undefined) throw new Error('the reference is one of the sizes');
    const figures: Figure[] = costs.map(({ records, value, beside }) => ({
      name: `CPU time per byte, ${records} records`,
      value: value / reference.value,
      unit: `x that of ${REFERENCE}`,
      note: `${value.toFixed(1)} ns; the echo ${(beside / reference.beside).toFixed(2)} x, ${beside.toFixed(1)} ns`,
    }));
    const empty = await cost(ours, REFERENCE);
    await fill(ours.url);
    const again = await cost(ours, REFERENCE);
    figures.push({
      name: `CPU time per byte after ${SESSIONS} further sessions`,
      value: again / empty,
      unit: 'x empty',
      note: `${again.toFixed(1)} ns`,
    });
    return figures;
  } finally {
    await Promise.all([client.stop(), ours.stop(), echo.stop()]);
  }
}

async function nanosecondsPerByte(
  client: LoadClient,
  server: Awaited<ReturnType<typeof startServer>>,
  records: number,
): Promise<number> {
  const costs: number[] = [];
  for (let round = -SETTLE_ROUNDS; round < ROUNDS; round++) {
    const before = await server.cpuSeconds();
    const amount = Math.max(CONNECTIONS, Math.round(ROUND_RECORDS / records));
    const order = { url: server.url, connections: CONNECTIONS, records, seconds: 0, amount, seed: 7 };
    const { requests, bytes } = await client.run(order);
    const cost = (((await server.cpuSeconds()) - before) * 1e9) / (requests * bytes);
    if (round >= 0) costs.push(cost);
  }
  return median(costs);
}

/** Issues keys nobody uses again, until the store remembers that many sessions. */
async function fill(url: string): Promise<void> {
  for (let first = 0; first < SESSIONS; first += SESSIONS_PER_FILE) {
    const records = Array.from({ length: SESSIONS_PER_FILE }, (_, i) => issue(first + i));
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ Records: records }),
    });
    await answer.arrayBuffer();
  }
}

function issue(number: number): object {
  return {
    eventVersion: '1.11',
    eventSource: 'sts.amazonaws.com',
    eventName: 'AssumeRole',
    eventTime: '2026-03-04T09:00:00Z',
    eventID: `fill-${number}`,
    sourceIPAddress: '198.51.100.1',
    userIdentity: FILLER,
    requestParameters: { roleArn: 'arn:aws:iam::637129261941:role/fill', roleSessionName: `s${number}` },
    responseElements: {
      credentials: {
        accessKeyId: `ASIAFILL${String(number).padStart(12, '0')}`,
        expiration: 'Mar 4, 2026, 3:41:12 PM',
      },
    },
    recipientAccountId: '637129261941',
  };
}
