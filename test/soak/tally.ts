/** What happened in one phase. */
export type PhaseFigures = {
  readonly name: string;
  readonly requests: number;
  /** Answers by status, and connections that broke by code. */
  readonly outcomes: ReadonlyMap<string, number>;
  readonly p50: number;
  readonly p99: number;
  readonly longest: number;
};

type Phase = {
  readonly latencies: number[];
  readonly outcomes: Map<string, number>;
};

/** Latencies kept per phase. */
const MAX_LATENCIES = 1_000_000;

/** What the good clients saw, as a whole and by phase. */
export class Tally {
  requests = 0;
  recordsIn = 0;
  recordsOut = 0;
  /** Answers whose records were not those that were sent, in their order. */
  misplaced = 0;
  leaks = 0;
  readonly statuses = new Map<number, number>();
  readonly #phases = new Map<string, Phase>();
  #current: Phase;

  constructor(first: string) {
    this.#current = this.enter(first);
  }

  /** From now on everything belongs to this phase. */
  enter(name: string): Phase {
    const phase = this.#phases.get(name) ?? { latencies: [], outcomes: new Map<string, number>() };
    this.#phases.set(name, phase);
    this.#current = phase;
    return phase;
  }

  answered(status: number, milliseconds: number): void {
    this.requests += 1;
    this.statuses.set(status, (this.statuses.get(status) ?? 0) + 1);
    count(this.#current.outcomes, String(status));
    if (this.#current.latencies.length < MAX_LATENCIES) this.#current.latencies.push(milliseconds);
  }

  /** A connection that broke before it answered: the client sends again. */
  failed(code: string): void {
    count(this.#current.outcomes, code);
  }

  /** The phases in the order they were entered. */
  phases(): readonly PhaseFigures[] {
    return [...this.#phases].map(([name, { latencies, outcomes }]) => {
      const sorted = [...latencies].sort((a, b) => a - b);
      const at = (share: number) => sorted[Math.ceil(sorted.length * share) - 1] ?? 0;
      return { name, requests: latencies.length, outcomes, p50: at(0.5), p99: at(0.99), longest: at(1) };
    });
  }
}

function count(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
