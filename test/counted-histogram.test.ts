import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AggregatorRegistry, Histogram, Registry } from 'prom-client';
import { CountedHistogram } from '../src/counted-histogram.ts';

const BUCKETS = [0.1, 1, 10];
const VALUES = [0, 0.1, 0.100001, 1, 5, 10, 11, 1e9];
const OPTIONS = { name: 'bench_seconds', help: 'Seconds', buckets: BUCKETS };

test('is exposed as a histogram of prom-client with the same values would be', async () => {
  const [ours, theirs] = [new Registry(), new Registry()];
  const counted = new CountedHistogram({ ...OPTIONS, labelNames: ['route'], registers: [ours] });
  const plain = new Histogram({ ...OPTIONS, labelNames: ['route'], registers: [theirs] });

  for (const route of ['/a', '/b']) {
    for (const value of VALUES) {
      counted.labels({ route }).observe(value);
      plain.observe({ route }, value);
    }
  }

  assert.deepEqual(samplesOf(await ours.metrics()), samplesOf(await theirs.metrics()));
});

test('without labels is there from the start', async () => {
  const [ours, theirs] = [new Registry(), new Registry()];
  new CountedHistogram({ ...OPTIONS, registers: [ours] });
  new Histogram({ ...OPTIONS, registers: [theirs] });

  assert.equal(await ours.metrics(), await theirs.metrics());
});

test('is added up over workers, and starts anew when its registry does', async () => {
  const registry = new Registry();
  const counted = new CountedHistogram({ ...OPTIONS, registers: [registry] });
  counted.labels({}).observe(3);
  const worker = await registry.getMetricsAsJSON();

  const sum = await AggregatorRegistry.aggregate([worker, worker]).metrics();
  registry.resetMetrics();

  assert.match(sum, /^bench_seconds_count 2$/m);
  assert.match(sum, /^bench_seconds_sum 6$/m);
  assert.match(await registry.metrics(), /^bench_seconds_count 0$/m);
});

/** Samples with their labels in one order. */
function samplesOf(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.replace(/\{(.*)\}/, (_, labels: string) => `{${labels.split(',').sort().join(',')}}`))
    .sort();
}
