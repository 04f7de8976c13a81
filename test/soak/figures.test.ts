import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Sample, slopeOf, troughsOf } from './samples.ts';
import { Tally } from './tally.ts';

const sample = (at: number, pid: number, heap: number): Sample => ({
  at,
  pid,
  heap,
  phase: '',
  resident: 0,
  descriptors: 0,
  lagMs: 0,
  longestLagMs: 0,
});

test('the slope of memory is that of one process after its warm-up', () => {
  const samples = [
    ...[0, 5].map((at) => sample(at, 1, 9e9)),
    ...[10, 20, 30, 40].map((at) => sample(at, 1, 1000 + 2 * at)),
    ...[50, 60].map((at) => sample(at, 2, 5)),
  ];

  const slope = slopeOf(samples, 1, 10, ({ heap }) => heap);

  assert.deepEqual(slope, { bytesPerMinute: 120, samples: 4, from: 10, to: 40 });
  assert.equal(slopeOf([], 1, 0, ({ heap }) => heap).bytesPerMinute, 0);
});

test('the troughs of memory are its lowest points, one for each part of the time', () => {
  const heaps = [5, 9, 6, 9, 7, 9];

  const troughs = troughsOf(
    heaps.map((heap, at) => sample(at, 1, heap)),
    3,
    ({ heap }) => heap,
  );

  assert.deepEqual(
    troughs.map(({ heap }) => heap),
    [5, 6, 7],
  );
});

test('latencies and outcomes belong to the phase they were seen in', () => {
  const tally = new Tally('one');
  for (let ms = 1; ms <= 200; ms += 1) tally.answered(200, ms);
  tally.enter('two');
  tally.answered(503, 7);
  tally.failed('ECONNRESET');

  const [one, two] = tally.phases();

  assert.deepEqual([one?.name, one?.requests, one?.p50, one?.p99, one?.longest], ['one', 200, 100, 198, 200]);
  assert.deepEqual(
    [...(two?.outcomes ?? [])],
    [
      ['503', 1],
      ['ECONNRESET', 1],
    ],
  );
  assert.equal(tally.requests, 201);
});
