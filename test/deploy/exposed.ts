import { buildApp } from '../../src/app.ts';
import { loadConfig } from '../../src/config.ts';
import { createMetrics } from '../../src/metrics.ts';
import { readText } from './committed.ts';

/** What a metric looks like from outside. */
export type ExposedMetric = {
  /** Declared label names. */
  readonly labels: ReadonlySet<string>;
  /** Values seen, by label. Empty for a metric that has no series yet. */
  readonly values: ReadonlyMap<string, ReadonlySet<string>>;
};

/** Builds the service, sends it traffic and reads `/metrics`: series names with their labels. */
export async function exposedMetrics(): Promise<ReadonlyMap<string, ExposedMetric>> {
  const metrics = createMetrics({ version: 'test', revision: 'test' });
  const app = await buildApp(loadConfig({}), { metrics });
  try {
    const headers = { 'content-type': 'application/json' };
    const bodies = [readText('test/fixtures/cloudtrail-sample.json'), '[{"nothing":1}]', '{'];
    for (const payload of bodies) await app.inject({ method: 'POST', url: '/v1/enrich', headers, payload });
    await app.inject({ url: '/nothing' });
    const { body } = await app.inject({ url: '/metrics' });
    const declared = await metrics.registry.getMetricsAsJSON();
    return readExposition(
      body,
      declared.map(({ name }) => ({ name, labels: labelNames(metrics.registry.getSingleMetric(name)) })),
    );
  } finally {
    await app.close();
  }
}

function labelNames(metric: unknown): readonly string[] {
  return (metric as { labelNames?: readonly string[] } | undefined)?.labelNames ?? [];
}

const SERIES = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? \S+$/;
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"/g;

function readExposition(
  text: string,
  declared: readonly { readonly name: string; readonly labels: readonly string[] }[],
): ReadonlyMap<string, ExposedMetric> {
  const found = new Map<string, { labels: Set<string>; values: Map<string, Set<string>> }>();
  const types = new Map(
    [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = '', type = '']) => [name, type]),
  );
  for (const { name, labels } of declared) {
    const suffixes = types.get(name) === 'histogram' ? ['_bucket', '_sum', '_count'] : [''];
    for (const suffix of suffixes) {
      const le = suffix === '_bucket' ? ['le'] : [];
      found.set(name + suffix, { labels: new Set([...labels, ...le]), values: new Map() });
    }
  }
  for (const line of text.split('\n')) {
    const [, name = '', inside = ''] = SERIES.exec(line) ?? [];
    const metric = found.get(name);
    for (const [, label = '', value = ''] of inside.matchAll(LABEL)) {
      metric?.values.set(label, (metric.values.get(label) ?? new Set()).add(value));
    }
  }
  return found;
}
