import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventFromObject } from '../../src/cloudtrail/event.ts';
import { KEY_USE_LIMIT, SOURCE_LIMIT } from '../../src/enrichment/session/record-operations.ts';
import { createMemoryStore } from '../../src/store/memory-store.ts';
import { enrichBatch } from './mini-pipeline.ts';
import { issueRecord, useRecord } from './records.ts';
import { isFlagged } from './score.ts';
import { shuffled } from './shuffle.ts';

/** More sources and uses than a session's record keeps: what is still told of them, and what is not. */

const THIEVES = 40;
const issue = eventFromObject(issueRecord({ key: 'K', source: '198.51.100.7', id: 'issue' }));
const uses = Array.from({ length: THIEVES }, (_none, n) =>
  eventFromObject(
    useRecord({ key: 'K', source: `203.0.${n}.9`, id: `use-${n}`, time: `2024-05-06T09:${10 + n}:00Z` }),
  ),
);

const ORDERS = [
  { name: 'one after another', batches: [[issue], ...uses.map((event) => [event])] },
  { name: 'shuffled', batches: [[issue], ...shuffled(uses, 1).map((event) => [event])] },
  { name: 'in one batch', batches: [[issue], uses] },
];

for (const { name, batches } of ORDERS) {
  test(`each use by one of ${THIEVES} thieves is reported on itself, and at least ${SOURCE_LIMIT} of them are revealed: ${name}`, async () => {
    const store = createMemoryStore({ maxBytes: 1e7, now: () => 0 });
    const answers = [];
    for (const batch of batches) answers.push(...(await enrichBatch(store, batch)).answers);
    const foreign = answers.slice(1);
    const revealed = foreign.filter((answer) => answer?.revealed === true).length;

    assert.equal(foreign.filter(isFlagged).length, THIEVES);
    assert.ok(revealed >= SOURCE_LIMIT && revealed <= THIEVES, String(revealed));
    assert.equal(foreign.at(-1)?.source_count, THIEVES);
    assert.equal(foreign.at(-1)?.sources?.length, SOURCE_LIMIT);
  });
}

test('an AssumeRole that comes after them all names those that are kept, and counts the others', async () => {
  const store = createMemoryStore({ maxBytes: 1e7, now: () => 0 });

  for (const use of shuffled(uses, 2)) await enrichBatch(store, [use]);
  const [answer] = (await enrichBatch(store, [issue])).answers;

  assert.equal(answer?.revealed, true);
  assert.equal(answer?.late?.length, SOURCE_LIMIT);
  assert.equal(answer?.source_count, THIEVES);
});

test('which sources are kept depends on no order', async () => {
  const kept = async (seed: number) => {
    const store = createMemoryStore({ maxBytes: 1e7, now: () => 0 });
    for (const use of shuffled(uses, seed)) await enrichBatch(store, [use]);
    const [answer] = (await enrichBatch(store, [issue])).answers;
    return answer?.late?.map(({ source }) => source).sort();
  };

  assert.deepEqual(await kept(3), await kept(4));
});

test('the uses that came before an AssumeRole are named as far as they are kept, the earliest first', async () => {
  const store = createMemoryStore({ maxBytes: 1e7, now: () => 0 });
  const many = Array.from({ length: KEY_USE_LIMIT + 8 }, (_none, n) =>
    eventFromObject(
      useRecord({ key: 'K', source: '203.0.113.9', id: `use-${n}`, time: `2024-05-06T09:${10 + n}:00Z` }),
    ),
  );

  for (const use of [...many].reverse()) await enrichBatch(store, [use]);
  const [answer] = (await enrichBatch(store, [issue])).answers;

  const [late] = answer?.late ?? [];
  assert.deepEqual(
    late?.event_ids,
    many.slice(0, KEY_USE_LIMIT).map(({ eventID }) => eventID),
  );
  assert.equal(late?.last, '2024-05-06T09:49:00Z');
  assert.ok((late?.use_count ?? 0) > KEY_USE_LIMIT);
});
