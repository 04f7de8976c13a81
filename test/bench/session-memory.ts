import { runSlices } from '../../src/cloudtrail/decode.ts';
import { eventFromObject } from '../../src/cloudtrail/event.ts';
import { sessionContributions } from '../../src/enrichment/session/record-operations.ts';
import { enrichSession } from '../../src/enrichment/session.ts';
import { observeSession } from '../../src/sessions/observe.ts';
import { createMemoryStore, type MemoryStore } from '../../src/store/memory-store.ts';
import { issueRecord, useRecord } from '../sessions/records.ts';
import { type Figure, median } from './result.ts';

/**
 * A million remembered sessions: bytes for each, and whether an event costs more for their number. What an
 * event costs depends on whether its session was in use lately; that is compared like with like.
 */

const SESSIONS = 1_000_000;
const BATCH = 1000;
const ROUNDS = 15;
/** More than are kept at work, so that the first of them rest when they are asked for again. */
const FEW = 40_000;

/** Fills a memory store and measures. Needs about a gigabyte. */
export async function run(): Promise<Figure[]> {
  const store = createMemoryStore({ maxBytes: 4e9, now: () => 1 });
  const inUse = eventCost(store, BATCH);
  collect();
  const before = process.memoryUsage();
  const entriesBefore = store.entries;
  fill(store, 0, FEW);
  const few = eventCost(store, ROUNDS * BATCH);
  fill(store, FEW, SESSIONS);
  collect();
  const after = process.memoryUsage();
  const many = eventCost(store, SESSIONS);
  const bytes = after.heapUsed + after.external - before.heapUsed - before.external;
  const perSession = Math.round(bytes / (store.entries - entriesBefore));
  return [
    {
      name: 'sessions remembered',
      value: store.entries,
      unit: 'sessions',
      note: 'an issue and two uses each',
    },
    { name: 'memory per session', value: perSession, unit: 'bytes', note: 'measured heap; budget 1,024' },
    {
      name: 'memory per session as the store counts it',
      value: Math.round(store.bytes / store.entries),
      unit: 'bytes',
    },
    {
      name: `cost of an event of a session not seen lately, with a million remembered over ${FEW}`,
      value: Number((many / few).toFixed(2)),
      unit: 'ratio',
      note: `${many.toFixed(1)} and ${few.toFixed(1)} microseconds`,
    },
    {
      name: 'cost of an event of a session in use',
      value: Number(inUse.toFixed(1)),
      unit: 'us',
      note: 'its record at work, its answers kept',
    },
  ];
}

function fill(store: MemoryStore, from: number, to: number): void {
  for (let start = from; start < to; start += BATCH) pass(store, start, start);
}

/** Microseconds per event of known sessions, spread over `sessions` of them. */
function eventCost(store: MemoryStore, sessions: number): number {
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const start = Math.floor((round * (sessions - BATCH)) / ROUNDS);
    times.push(pass(store, start, start));
  }
  return (median(times) * 1000) / (3 * BATCH);
}

/** One batch of sessions, an issue and two uses each; answers the milliseconds without making the records. */
function pass(store: MemoryStore, start: number, seed: number): number {
  const events = Array.from({ length: BATCH }, (_, index) => {
    const key = `S${start + index}`;
    const source = `198.51.${seed & 255}.${index & 255}`;
    const more = { eventID: uuid(start + index, 0) };
    return [
      issueRecord({ key, source, more }),
      useRecord({ key, source, more: { eventID: uuid(start + index, 1) } }),
      useRecord({ key, source, more: { eventID: uuid(start + index, 2) }, time: '2024-05-06T09:20:00Z' }),
    ];
  })
    .flat()
    .map(eventFromObject);
  const started = performance.now();
  const observations = events.map((event) => ({ session: observeSession(event) }));
  const records = store.exchangeNow(runSlices(sessionContributions(observations)));
  const options = { degraded: false, withSources: false };
  for (const [index, event] of events.entries()) {
    const observation = observations[index];
    if (observation !== undefined) enrichSession(event, observation.session, records, options);
  }
  return performance.now() - started;
}

/** As long as an event id is. */
function uuid(session: number, use: number): string {
  const hex = (session * 4 + use).toString(16).padStart(12, '0');
  return `${hex.slice(-8)}-1d2e-4f5a-8b6c-${hex}`;
}

/** Collects garbage when node was started with --expose-gc; the figure is too high without. */
function collect(): void {
  const { gc } = globalThis as { gc?: () => void };
  gc?.();
}
