import { Coverage } from './coverage.ts';
import { mutate } from './mutate.ts';
import { Random } from './random.ts';
import type { Target } from './target.ts';

/** Inputs between two looks at the coverage, which are dear: twice as many after every look in vain. */
const MIN_BATCH = 128;
const MAX_BATCH = 2048;
/** A corpus beyond this loses its oldest mutants, never the seeds. */
const MAX_CORPUS = 4096;
const MAX_FINDS = 20;

export type Find = { readonly input: Buffer; readonly message: string };

export type FuzzReport = {
  readonly executions: number;
  readonly seconds: number;
  /** What made new code run or showed a new feature, seeds first. */
  readonly corpus: readonly Buffer[];
  readonly features: number;
  /** Characters of `src/` that ran, and how many of them the seeds alone did not reach. */
  readonly covered: number;
  readonly freshlyCovered: number;
  readonly slowestMs: number;
  readonly finds: readonly Find[];
};

export type FuzzHooks = {
  /** Told of every input before it runs, so that whoever watches can name the one that hangs. */
  readonly before: (input: Buffer) => void;
  readonly progress: (report: FuzzReport) => void;
};

/**
 * Coverage-guided fuzzing of one target on this thread: changes inputs that reached something new, keeps
 * those that reach more. The seed decides every input; only where it stops depends on the clock.
 */
export async function fuzz(
  target: Target,
  seeds: readonly Buffer[],
  options: { readonly seconds: number; readonly seed: number },
  hooks: FuzzHooks,
): Promise<FuzzReport> {
  const random = new Random(options.seed);
  const coverage = new Coverage();
  const features = new Set<string>();
  const corpus: Buffer[] = [...seeds];
  const finds = new Map<string, Find>();
  const started = performance.now();
  let executions = 0;
  let slowestMs = 0;
  let seedCoverage = 0;

  /** True when the input showed a feature for the first time. */
  const execute = async (input: Buffer): Promise<boolean> => {
    hooks.before(input);
    const since = performance.now();
    let isNew = false;
    try {
      for (const feature of await target.run(input)) {
        if (features.has(feature)) continue;
        features.add(feature);
        isNew = true;
      }
    } catch (error) {
      const message = messageOf(error);
      const kind = message.replaceAll(/[0-9]+|"[^"]*"|'[^']*'/g, '#').slice(0, 200);
      if (!finds.has(kind)) finds.set(kind, { input: Buffer.from(input), message });
    }
    slowestMs = Math.max(slowestMs, performance.now() - since);
    executions++;
    return isNew;
  };
  const report = (): FuzzReport => ({
    executions,
    seconds: (performance.now() - started) / 1000,
    corpus,
    features: features.size,
    covered: coverage.total,
    freshlyCovered: coverage.total - seedCoverage,
    slowestMs,
    finds: [...finds.values()],
  });

  const isOver = (): boolean =>
    performance.now() - started >= options.seconds * 1000 || finds.size >= MAX_FINDS;

  /** Finds out which inputs reach new code, by halves: most halves hold none. */
  const keepFresh = async (inputs: readonly Buffer[]): Promise<void> => {
    if (isOver()) return;
    const middle = inputs.length >> 1;
    for (const half of middle === 0 ? [inputs] : [inputs.slice(0, middle), inputs.slice(middle)]) {
      for (const input of half) await execute(input);
      const [only] = half;
      if (half.length > 1) {
        if (coverage.fresh(false) > 0) await keepFresh(half);
      } else if (only !== undefined && coverage.fresh(true) > 0 && !corpus.includes(only)) corpus.push(only);
    }
  };

  for (const input of seeds) await execute(input);
  seedCoverage = coverage.fresh(true);
  let size = MIN_BATCH;
  while (!isOver()) {
    const batch: Buffer[] = [];
    for (let i = 0; i < size && !isOver(); i++) {
      // The newest half is where new code was found last: half of the time from there.
      const recent = random.oneIn(2) ? corpus.length >> 1 : 0;
      const input = corpus[recent + random.below(corpus.length - recent)] as Buffer;
      const mutant = mutate(input, random.pick(corpus), target.words, random);
      batch.push(mutant);
      if (await execute(mutant)) corpus.push(mutant);
    }
    if (coverage.fresh(false) > 0) {
      await keepFresh(batch);
      size = MIN_BATCH;
    } else size = Math.min(MAX_BATCH, size * 2);
    if (corpus.length > MAX_CORPUS) corpus.splice(seeds.length, corpus.length - MAX_CORPUS);
    hooks.progress(report());
  }
  coverage.close();
  return report();
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return `threw ${String(error)}`;
  return (error.stack ?? error.message).split('\n').slice(0, 12).join('\n');
}
