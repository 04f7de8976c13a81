import autocannon from 'autocannon';
import { RecordGenerator } from './generate.ts';
import type { Load, Order } from './processes.ts';
import { RenewedBody } from './renewed-body.ts';
import { percentile } from './result.ts';

/** The load, in a process of its own: answers each order with what it saw. */

const TIMEOUT_SECONDS = 120;
/** Bodies of the last orders, so that taking turns makes none anew. */
const MAX_KEPT = 4;
const kept = new Map<string, readonly RenewedBody[]>();

process.on('message', (order: Order) => {
  send(order).then((load) => process.send?.(load));
});
process.on('disconnect', () => process.exit(0));

async function send(order: Order): Promise<Load> {
  const bodies = bodiesOf(order);
  const times: number[] = [];
  const result = await new Promise<autocannon.Result>((resolve, reject) => {
    const instance = autocannon(
      {
        url: order.url,
        connections: order.connections,
        ...(order.amount === undefined ? { duration: order.seconds } : { amount: order.amount }),
        timeout: TIMEOUT_SECONDS,
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        requests: bodies.map((body) => ({ setupRequest: (request) => ({ ...request, body: body.next() }) })),
      },
      (error, outcome) => (error ? reject(error) : resolve(outcome)),
    );
    // Its own percentiles are whole milliseconds.
    instance.on('response', (_client, _status, _bytes, milliseconds) => {
      times.push(milliseconds);
    });
  });
  return {
    requests: result.requests.total,
    seconds: result.duration,
    p50: percentile(times, 0.5),
    p99: percentile(times, 0.99),
    failures: result.errors + result.timeouts + result.non2xx,
    bytes: bodies.reduce((sum, body) => sum + body.length, 0) / bodies.length,
  };
}

/** Several bodies, so that no cache of whole requests could help. */
function bodiesOf({ records, seed }: Order): readonly RenewedBody[] {
  const key = `${records} ${seed}`;
  const known = kept.get(key);
  if (known !== undefined) return known;
  const generator = new RecordGenerator(seed);
  const count = records >= 10_000 ? 1 : records >= 1000 ? 4 : 64;
  const bodies = Array.from(
    { length: count },
    () => new RenewedBody(records === 1 ? Buffer.from(generator.next()) : generator.file(records)),
  );
  kept.set(key, bodies);
  const [oldest] = kept.keys();
  if (kept.size > MAX_KEPT && oldest !== undefined) kept.delete(oldest);
  return bodies;
}
