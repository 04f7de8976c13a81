import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CloudTrailEvent } from '../../src/cloudtrail/event.ts';
import type { Store } from '../../src/store/port.ts';
import { sharedPath } from '../shared.ts';
import { openStore } from '../store/open-store.ts';
import { skipWithoutServer, startCluster, startServer } from '../store/redis-server.ts';
import { readDelivery, readTruth } from './bench-corpus.ts';
import { enrichBatch } from './mini-pipeline.ts';
import { type Answered, type Score, scoreSessions } from './score.ts';
import { shuffled } from './shuffle.ts';

const directory = sharedPath('corpora/bench');
const skip = directory === undefined ? 'shared/corpora/bench is not here' : skipWithoutServer();
const files = directory === undefined ? [] : readDelivery(directory);
const truth = directory === undefined ? [] : readTruth(directory);
/** Batches that are under way at once on each replica. */
const CONCURRENCY = 8;

const RUNS: readonly { readonly name: string; readonly batches: () => readonly CloudTrailEvent[][] }[] = [
  { name: 'files in delivery order', batches: () => files },
  { name: 'single records, shuffled', batches: () => shuffled(files.flat(), 11).map((event) => [event]) },
  { name: 'every file twice, shuffled', batches: () => shuffled([...files, ...files], 12) },
];

for (const { name, batches } of RUNS) {
  test(`two replicas on one server miss nothing between them: ${name}`, { skip }, async (t) => {
    const server = await startServer(t);
    const url = `redis://127.0.0.1:${server.port}`;
    const replicas = [await openStore(t, url), await openStore(t, url)];

    const score = scoreSessions(await runOn(replicas, batches()), truth);

    t.diagnostic(describe(name, score));
    assert.equal(score.recall, 1);
    assert.equal(score.precision, 1);
  });
}

test('two replicas on a cluster of three nodes miss nothing either', { skip }, async (t) => {
  const nodes = await startCluster(t);
  const url = `redis-cluster://${nodes.map(({ port }) => `127.0.0.1:${port}`).join(',')}`;
  const replicas = [await openStore(t, url), await openStore(t, url)];

  const score = scoreSessions(await runOn(replicas, shuffled(files, 13)), truth);

  t.diagnostic(describe('cluster, files shuffled', score));
  assert.equal(score.recall, 1);
  assert.equal(score.precision, 1);
  for (const node of nodes)
    assert.ok(Number(await node.command('DBSIZE')) > 100, 'every node holds its part');
});

/** Takes the batches from one queue, several at once on every replica. */
async function runOn(
  replicas: readonly Store[],
  batches: readonly (readonly CloudTrailEvent[])[],
): Promise<Answered[]> {
  const answered: Answered[] = [];
  let next = 0;
  const work = async (store: Store): Promise<void> => {
    for (let batch = batches[next++]; batch !== undefined; batch = batches[next++]) {
      const { answers, degraded } = await enrichBatch(store, batch);
      assert.equal(degraded, false);
      batch.forEach((event, index) => {
        answered.push({ event, session: answers[index] });
      });
    }
  };
  const workers = replicas.flatMap((store) => Array.from({ length: CONCURRENCY }, () => work(store)));
  await Promise.all(workers);
  return answered;
}

function describe(name: string, score: Score): string {
  return (
    `${name}: ${score.found} of ${score.planted} planted found, ${score.reported} reported; ` +
    `precision ${score.precision.toFixed(3)}, recall ${score.recall.toFixed(3)}`
  );
}
