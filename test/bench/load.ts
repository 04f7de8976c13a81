import autocannon from 'autocannon';
import { RecordGenerator } from './generate.ts';

/** The load, in a process of its own: `load.js {"url","connections","records","seconds"}`, answers JSON. */
type Order = { url: string; connections: number; records: number; seconds: number; seed: number };

const order = JSON.parse(process.argv[2] ?? '{}') as Order;
const generator = new RecordGenerator(order.seed);
// Several bodies, so that no cache of whole requests could help.
const bodies = Array.from({ length: order.records >= 1000 ? 4 : 64 }, () =>
  order.records === 1 ? Buffer.from(generator.next()) : generator.file(order.records),
);
const result = await autocannon({
  url: order.url,
  connections: order.connections,
  duration: order.seconds,
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  requests: bodies.map((body) => ({ body })),
});
process.stdout.write(
  JSON.stringify({
    requests: result.requests.total,
    seconds: result.duration,
    p50: result.latency.p50,
    p99: result.latency.p99,
    failures: result.errors + result.timeouts + result.non2xx,
    bytes: bodies.reduce((sum, body) => sum + body.length, 0) / bodies.length,
  }),
);
