import assert from 'node:assert/strict';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { leaksIn } from '../secrets/planted.ts';
import { freePort, skipWithoutServer, startServer, type TestServer } from '../store/redis-server.ts';
import { jumpsClock, runsOutOfDescriptors, runsOutOfDisk } from './faults.ts';
import { abortsAnswer, abortsBody, babbles, bombs, type Hostile, halfCloses, truncates } from './hostile.ts';
import { type Service, startService } from './service.ts';
import { gauge, type Sample, slopeOf, Tally } from './tally.ts';
import { Traffic } from './traffic.ts';

/**
 * `npm run soak [-- --minutes 30]`, `npm run soak:short`: the real process under mixed traffic while things
 * break around it. Loopback only, bounded in time. Fails when a record is lost, a status is not one that was
 * to be expected, a secret shows, or the process dies.
 */
const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '30' }, short: { type: 'boolean', default: false } },
});
/** Seconds of every phase: there are thirteen. */
const PHASE = values.short ? 2.5 : (Number(values.minutes) * 60) / 13;
const CLIENTS = 4;
const EXPECTED = new Set([200, 503]);

const cleanups: (() => Promise<void>)[] = [];
try {
  await soak();
} finally {
  for (const cleanup of cleanups.reverse()) await cleanup();
}

async function soak(): Promise<void> {
  const tally = new Tally();
  const hostile = new Map<string, Map<number, number>>();
  const redis =
    skipWithoutServer() === false ? await startServer({ after: (one) => cleanups.push(one) }) : undefined;
  const port = await freePort();
  const environment: Record<string, string> =
    redis === undefined ? {} : { DETRAILS_STORE_URL: `redis://127.0.0.1:${redis.port}` };
  let service = await startService({ port, environment });
  cleanups.push(async () => void (await service.stop('SIGKILL')));
  const logs: string[] = [];
  const samples: Sample[] = [];
  const started = performance.now();
  const sampling = setInterval(() => void sample(service, started, samples), 1000);
  const traffic = new Traffic(port, 11, tally);
  const running = traffic.run(CLIENTS);
  const phase = async (name: string, during: Promise<unknown> = wait(PHASE * 1000)): Promise<void> => {
    tally.enter(name);
    await during;
  };

  await phase('warm-up');
  await phase('quiet');
  await phase('clients hang up', attack(port, [abortsBody, abortsAnswer], hostile));
  await phase('half-closed, truncated, no HTTP', attack(port, [halfCloses, truncates, babbles], hostile));
  await phase('gzip bombs', attack(port, [bombs], hostile));
  await phase('after hostile clients');
  if (redis !== undefined) await storeFaults(redis, phase);

  tally.enter('SIGTERM under load');
  const exitCode = await service.stop('SIGTERM');
  logs.push(service.log());
  service = await startService({ port, environment });
  await wait(PHASE * 1000);
  await phase('after restart');
  clearInterval(sampling);
  const metrics = await service.metrics();
  traffic.stop();
  await running;
  logs.push(service.log());
  const alive = service.exitCode() === null;
  const lastExit = await service.stop('SIGTERM');

  const alone = {
    'clock jumps': await jumpsClock(),
    'file descriptors run out': await runsOutOfDescriptors(await freePort()),
    'disk for logs is full': await runsOutOfDisk(await freePort()),
  };
  const contents = redis === undefined ? '' : await dump(redis);
  const leaks = [...logs, metrics, contents].flatMap(leaksIn);
  report(tally, hostile, samples, alone);
  console.log(`exit codes after SIGTERM: ${exitCode}, ${lastExit}; leaks: ${leaks.length + tally.leaks}`);

  assert.equal(tally.recordsOut, tally.recordsIn, 'records out are records in');
  for (const status of tally.statuses.keys()) assert.ok(EXPECTED.has(status), `unexpected status ${status}`);
  assert.ok(alive, 'the process survived');
  assert.deepEqual([exitCode, lastExit], [0, 0], 'SIGTERM ends it with 0');
  assert.deepEqual([leaks, tally.leaks], [[], 0], 'no secret shows');
  assertHostile(hostile);
  for (const [name, fault] of Object.entries(alone)) assert.equal(fault, 'survived', name);
}

async function storeFaults(
  redis: TestServer,
  phase: (name: string, during?: Promise<unknown>) => Promise<void>,
): Promise<void> {
  process.kill(redis.pid, 'SIGSTOP');
  await phase('shared store paused');
  process.kill(redis.pid, 'SIGCONT');
  await phase('shared store resumed');
  await redis.kill();
  await phase('shared store killed');
  await redis.start();
  await phase('shared store restarted');
}

/** Hostile clients of these kinds, one after the other, for a phase. */
async function attack(
  port: number,
  kinds: readonly Hostile[],
  seen: Map<string, Map<number, number>>,
): Promise<void> {
  const end = performance.now() + PHASE * 1000;
  while (performance.now() < end) {
    for (const kind of kinds) {
      const status = await kind(port);
      const statuses = seen.get(kind.name) ?? new Map<number, number>();
      seen.set(kind.name, statuses.set(status, (statuses.get(status) ?? 0) + 1));
    }
    await wait(20);
  }
}

function assertHostile(seen: Map<string, Map<number, number>>): void {
  const expected = { halfCloses: [200], truncates: [0, 400], bombs: [413], babbles: [0, 400] };
  for (const [kind, statuses] of Object.entries(expected))
    for (const status of seen.get(kind)?.keys() ?? [])
      assert.ok(statuses.includes(status), `${kind} was answered ${status}`);
}

async function sample(service: Service, started: number, samples: Sample[]): Promise<void> {
  const text = await service.metrics().catch(() => undefined);
  if (text === undefined) return;
  samples.push({
    at: (performance.now() - started) / 1000,
    heap: gauge(text, 'nodejs_heap_size_used_bytes'),
    resident: gauge(text, 'process_resident_memory_bytes'),
    lagMs: gauge(text, 'nodejs_eventloop_lag_p99_seconds') * 1000,
  });
}

/** Every key and value of the shared store as one text. */
async function dump(redis: TestServer): Promise<string> {
  const script =
    "local out = {} for _, key in ipairs(redis.call('KEYS', '*')) do out[#out + 1] = key local type = redis.call('TYPE', key).ok if type == 'hash' then for _, part in ipairs(redis.call('HGETALL', key)) do out[#out + 1] = part end elseif type == 'string' then out[#out + 1] = redis.call('GET', key) end end return table.concat(out, ' ')";
  return redis.command('EVAL', script, '0').catch(() => '');
}

function report(
  tally: Tally,
  hostile: Map<string, Map<number, number>>,
  samples: readonly Sample[],
  alone: Readonly<Record<string, string>>,
): void {
  console.log(`${tally.requests} requests; ${tally.recordsIn} records in, ${tally.recordsOut} out`);
  console.log(`statuses ${JSON.stringify(Object.fromEntries(tally.statuses))}`);
  console.log(
    `connections that broke and were made again ${JSON.stringify(Object.fromEntries(tally.failures))}`,
  );
  for (const [kind, statuses] of hostile)
    console.log(`hostile ${kind} ${JSON.stringify(Object.fromEntries(statuses))}`);
  for (const { phase, requests, p50, p99 } of tally.phases())
    console.log(
      `${phase.padEnd(34)} ${requests} requests, p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms`,
    );
  for (const [name, fault] of Object.entries(alone)) console.log(`${name.padEnd(34)} ${fault}`);
  const every = Math.max(1, Math.floor(samples.length / 20));
  const shown = samples.filter((_one, index) => index % every === 0);
  const curve = (of: (one: Sample) => number) => shown.map((one) => Math.round(of(one))).join(' ');
  console.log(`heap MB          ${curve(({ heap }) => heap / 1e6)}`);
  console.log(`resident MB      ${curve(({ resident }) => resident / 1e6)}`);
  console.log(`loop delay p99 ms ${curve(({ lagMs }) => lagMs)}`);
  console.log(`heap slope after warm-up ${(slopeOf(samples) / 1e6).toFixed(2)} MB per minute`);
}
