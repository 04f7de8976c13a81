/** What the clients saw, as a whole and by phase. */
export class Tally {
  requests = 0;
  recordsIn = 0;
  recordsOut = 0;
  leaks = 0;
  readonly statuses = new Map<number, number>();
  readonly failures = new Map<string, number>();
  readonly #latencies = new Map<string, number[]>();
  #phase = 'warm-up';

  /** From now on latencies belong to this phase. */
  enter(phase: string): void {
    this.#phase = phase;
  }

  answered(status: number, milliseconds: number): void {
    this.requests += 1;
    this.statuses.set(status, (this.statuses.get(status) ?? 0) + 1);
    const list = this.#latencies.get(this.#phase) ?? [];
    this.#latencies.set(this.#phase, list);
    if (list.length < 1_000_000) list.push(milliseconds);
  }

  /** A connection that broke before it answered: the client sends again. */
  failed(code: string): void {
    this.failures.set(code, (this.failures.get(code) ?? 0) + 1);
  }

  /** Requests and the 50th and 99th percentile in milliseconds, by phase. */
  phases(): readonly { phase: string; requests: number; p50: number; p99: number }[] {
    return [...this.#latencies].map(([phase, list]) => {
      const sorted = [...list].sort((a, b) => a - b);
      const at = (share: number) => sorted[Math.floor((sorted.length - 1) * share)] ?? 0;
      return { phase, requests: list.length, p50: at(0.5), p99: at(0.99) };
    });
  }
}

/** A gauge seen at a time, in seconds since the start. */
export type Sample = {
  readonly at: number;
  readonly heap: number;
  readonly resident: number;
  readonly lagMs: number;
};

/** Bytes per minute by which the heap grows, by least squares over the samples behind the first third. */
export function slopeOf(samples: readonly Sample[]): number {
  const late = samples.slice(Math.floor(samples.length / 3));
  const meanAt = late.reduce((sum, { at }) => sum + at, 0) / late.length;
  const meanHeap = late.reduce((sum, { heap }) => sum + heap, 0) / late.length;
  let covariance = 0;
  let variance = 0;
  for (const { at, heap } of late) {
    covariance += (at - meanAt) * (heap - meanHeap);
    variance += (at - meanAt) ** 2;
  }
  return variance === 0 ? 0 : (covariance / variance) * 60;
}

/** The value of an unlabeled metric in a Prometheus text. */
export function gauge(text: string, name: string): number {
  return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1] ?? 0);
}
