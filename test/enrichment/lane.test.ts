import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Lane } from '../../src/enrichment/lane.ts';

/** Work that ends when it is told to. */
function pieces(lane: Lane, count: number) {
  const begun: number[] = [];
  const ends: ((fails?: boolean) => void)[] = [];
  const done = Array.from({ length: count }, (_, number) =>
    lane.run(
      () =>
        new Promise<number>((resolve, reject) => {
          begun.push(number);
          ends[number] = (fails = false) => (fails ? reject(new Error(`piece ${number}`)) : resolve(number));
        }),
    ),
  );
  return { begun, ends, done };
}

test('no more is under way than the lane is wide, and the rest comes in the order of arrival', async () => {
  const { begun, ends, done } = pieces(new Lane(2), 4);
  assert.deepEqual(begun, [0, 1]);

  ends[1]?.();
  assert.equal(await done[1], 1);
  assert.deepEqual(begun, [0, 1, 2]);

  ends[0]?.();
  await done[0];
  assert.deepEqual(begun, [0, 1, 2, 3]);
  for (const end of ends) end?.();
  assert.deepEqual(await Promise.all(done), [0, 1, 2, 3]);
});

test('work that fails gives its place to the next, and its error to whoever asked', async () => {
  const { begun, ends, done } = pieces(new Lane(1), 2);

  ends[0]?.(true);
  await assert.rejects(async () => await done[0], /piece 0/);
  assert.deepEqual(begun, [0, 1]);
  ends[1]?.();
  assert.equal(await done[1], 1);
});

test('a lane that became empty takes new work at once', async () => {
  const lane = new Lane(1);
  await lane.run(async () => 1);
  const { begun, ends, done } = pieces(lane, 1);

  assert.deepEqual(begun, [0]);
  ends[0]?.();
  await Promise.all(done);
});
