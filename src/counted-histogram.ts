import type { Metric, Registry } from 'prom-client';

export type CountedHistogramOptions<Label extends string> = {
  readonly name: string;
  readonly help: string;
  readonly labelNames?: readonly Label[];
  /** Upper bounds, ascending. */
  readonly buckets: readonly number[];
  readonly registers: readonly Registry[];
};

/** One combination of label values. */
export type HistogramChild = { observe(value: number): void };

/**
 * A histogram for what happens with every request. prom-client's own checks and hashes the labels of each
 * observation, which costs more than enriching a record; this one looks them up once, and counts in plain
 * numbers until somebody scrapes.
 */
export class CountedHistogram<Label extends string = never> {
  readonly name: string;
  readonly help: string;
  readonly type = 'histogram';
  readonly aggregator = 'sum';
  readonly labelNames: readonly Label[];
  readonly #buckets: readonly number[];
  readonly #children = new Map<string, Counts>();

  constructor({ name, help, labelNames = [], buckets, registers }: CountedHistogramOptions<Label>) {
    this.name = name;
    this.help = help;
    this.labelNames = labelNames;
    this.#buckets = buckets;
    // Without labels there is one child, which is exposed from the start.
    if (labelNames.length === 0) this.labels({} as Record<Label, string>);
    for (const registry of registers) registry.registerMetric(this as unknown as Metric);
  }

  /** The child with these label values, which starts at 0. Keep it: finding it is what costs. */
  labels(labels: Readonly<Record<Label, string>>): HistogramChild {
    const key = this.labelNames.map((name) => labels[name]).join('\n');
    let child = this.#children.get(key);
    if (child === undefined) {
      child = new Counts(labels, this.#buckets);
      this.#children.set(key, child);
    }
    return child;
  }

  /** What prom-client's registry asks for a scrape: cumulative buckets, then sum and count, per child. */
  async get(): Promise<object> {
    const values = [...this.#children.values()].flatMap((child) => child.samples(this.name));
    return { name: this.name, help: this.help, type: this.type, aggregator: this.aggregator, values };
  }

  /** For `registry.resetMetrics()`. */
  reset(): void {
    for (const child of this.#children.values()) child.reset();
  }
}

class Counts implements HistogramChild {
  readonly #labels: Readonly<Record<string, string>>;
  readonly #buckets: readonly number[];
  /** Per bucket, the last one for what is above all bounds. */
  readonly #counts: Float64Array;
  #sum = 0;

  constructor(labels: Readonly<Record<string, string>>, buckets: readonly number[]) {
    this.#labels = labels;
    this.#buckets = buckets;
    this.#counts = new Float64Array(buckets.length + 1);
  }

  observe(value: number): void {
    const buckets = this.#buckets;
    let at = 0;
    while (at < buckets.length && value > (buckets[at] as number)) at++;
    this.#counts[at] = (this.#counts[at] as number) + 1;
    this.#sum += value;
  }

  samples(name: string): object[] {
    const labels = this.#labels;
    let count = 0;
    const samples: object[] = this.#buckets.map((bound, at) => {
      count += this.#counts[at] as number;
      return { metricName: `${name}_bucket`, labels: { le: bound, ...labels }, value: count };
    });
    count += this.#counts[this.#buckets.length] as number;
    samples.push(
      { metricName: `${name}_bucket`, labels: { le: '+Inf', ...labels }, value: count },
      { metricName: `${name}_sum`, labels, value: this.#sum },
      { metricName: `${name}_count`, labels, value: count },
    );
    return samples;
  }

  reset(): void {
    this.#counts.fill(0);
    this.#sum = 0;
  }
}
