import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CloudTrailEvent } from '../../src/cloudtrail/event.ts';
import { createMemoryStore } from '../../src/store/memory-store.ts';
import { sharedPath } from '../shared.ts';
import { readDelivery, readTruth } from './bench-corpus.ts';
import { enrichBatch } from './mini-pipeline.ts';
import { type Answered, scoreSessions } from './score.ts';
import { shuffled } from './shuffle.ts';

const directory = sharedPath('corpora/bench');
const skip = directory === undefined && 'shared/corpora/bench is not here';
const files = directory === undefined ? [] : readDelivery(directory);
const truth = directory === undefined ? [] : readTruth(directory);
const events = files.flat();

const ORDERS: readonly { readonly name: string; readonly batches: () => readonly CloudTrailEvent[][] }[] = [
  { name: 'in delivery order, a file per batch', batches: () => files },
  { name: 'files reversed', batches: () => [...files].reverse() },
  { name: 'records reversed, one per request', batches: () => [...events].reverse().map((event) => [event]) },
  { name: 'in delivery order, one per request', batches: () => events.map((event) => [event]) },
  { name: 'shuffled, one per request', batches: () => shuffled(events, 1).map((event) => [event]) },
  { name: 'shuffled otherwise, batches of 100', batches: () => chunks(shuffled(events, 2), 100) },
  { name: 'by event time, batches of 1,000', batches: () => chunks(byTime(events), 1000) },
  { name: 'every record twice in a batch', batches: () => files.map((file) => [...file, ...file]) },
  {
    name: 'everything twice, shuffled, one per request',
    batches: () => shuffled([...events, ...events], 3).map((event) => [event]),
  },
  { name: 'all in one batch, shuffled', batches: () => [shuffled(events, 4)] },
];

for (const { name, batches } of ORDERS) {
  test(`reports every planted session and no benign one: ${name}`, { skip }, async (t) => {
    const store = createMemoryStore({ maxBytes: 256e6, now: () => 0 });
    const answered: Answered[] = [];

    for (const batch of batches()) {
      const { answers } = await enrichBatch(store, batch);
      batch.forEach((event, index) => {
        answered.push({ event, session: answers[index] });
      });
    }

    const score = scoreSessions(answered, truth);
    t.diagnostic(
      `${name}: ${score.found} of ${score.planted} planted found, ${score.reported} reported; ` +
        `precision ${score.precision.toFixed(3)}, recall ${score.recall.toFixed(3)}`,
    );
    assert.equal(score.recall, 1);
    assert.equal(score.precision, 1);
  });
}

function chunks<Item>(items: readonly Item[], size: number): Item[][] {
  const result: Item[][] = [];
  for (let start = 0; start < items.length; start += size) result.push(items.slice(start, start + size));
  return result;
}

function byTime(items: readonly CloudTrailEvent[]): CloudTrailEvent[] {
  return [...items].sort((a, b) => ((a.eventTime ?? '') < (b.eventTime ?? '') ? -1 : 1));
}
