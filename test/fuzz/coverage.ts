import { type Profiler, Session } from 'node:inspector';
import { sep } from 'node:path';

/**
 * Which parts of `src/` ran, from V8's precise coverage of this thread. V8 joins neighboring ranges that
 * ran equally often, so ranges are painted on a map of the script: what counts is characters that ran.
 */
export class Coverage {
  readonly #session = new Session();
  readonly #known = new Map<string, Uint8Array>();
  #total = 0;

  constructor() {
    this.#session.connect();
    this.#session.post('Profiler.enable');
    this.#session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  }

  /** Characters of `src/` that ever ran. */
  get total(): number {
    return this.#total;
  }

  /** Forgets what ran since the last call. */
  reset(): void {
    this.#take();
  }

  /** How many characters ran for the first time since the last call; remembers them when `keep`. */
  fresh(keep: boolean): number {
    let fresh = 0;
    for (const script of this.#take()) fresh += this.#merge(script, keep);
    if (keep) this.#total += fresh;
    return fresh;
  }

  close(): void {
    this.#session.disconnect();
  }

  #take(): readonly Profiler.ScriptCoverage[] {
    let scripts: readonly Profiler.ScriptCoverage[] = [];
    // Answers before it returns: the inspector of one's own thread is synchronous.
    this.#session.post('Profiler.takePreciseCoverage', (error, answer) => {
      if (error !== null) throw error;
      scripts = answer.result.filter(({ url }) => url.includes(`${sep}src${sep}`));
    });
    return scripts;
  }

  #merge({ url, functions }: Profiler.ScriptCoverage, keep: boolean): number {
    const size = Math.max(...functions.flatMap(({ ranges }) => ranges.map(({ endOffset }) => endOffset)));
    const ran = new Uint8Array(size);
    for (const { ranges } of functions)
      for (const { startOffset, endOffset, count } of ranges)
        ran.fill(count > 0 ? 1 : 0, startOffset, endOffset);
    let known = this.#known.get(url);
    if (known === undefined || known.length < size) {
      const grown = new Uint8Array(size);
      grown.set(known ?? []);
      known = grown;
      this.#known.set(url, known);
    }
    let fresh = 0;
    for (let i = 0; i < size; i++) {
      if (ran[i] !== 1 || known[i] === 1) continue;
      fresh++;
      if (keep) known[i] = 1;
    }
    return fresh;
  }
}
