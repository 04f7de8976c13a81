import { parseArgs } from 'node:util';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { bytesOf, readCorpus, readFinds, writeCorpus, writeFinds } from './corpus.ts';
import { type FuzzReport, fuzz } from './fuzz-loop.ts';
import { resultLine, writeResults } from './results.ts';

/**
 * `npm run fuzz -- [--seconds 60] [--seed 1] [--jobs 1] [--keep] [--write] [target … | all]`: coverage-guided
 * fuzzing, one target after the other or `--jobs` at once. Every find becomes a case in `test/cases/fuzz/`;
 * with `--keep` the corpus is written back, with `--write` the figures are kept in `test/fuzz/RESULTS.md`.
 *
 * Each target runs on a thread of its own, so that one that hangs can be ended and its input named.
 */
const NAMES = ['scanner', 'decode', 'policy', 'attack', 'enrich'];
/** No input may take this long. */
const HANG_MS = 20_000;
const INPUT_BYTES = 1 << 16;

type Order = { target: string; seconds: number; seed: number; shared: SharedArrayBuffer };

if (isMainThread) await main();
else await work(workerData as Order);

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: {
      seconds: { type: 'string', default: '60' },
      seed: { type: 'string', default: '1' },
      jobs: { type: 'string', default: '1' },
      keep: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
    },
    allowPositionals: true,
  });
  const unknown = positionals.filter((name) => name !== 'all' && !NAMES.includes(name));
  if (unknown.length > 0) throw new Error(`no target ${unknown}; there are ${NAMES}`);
  const wanted = NAMES.filter(
    (name) => positionals.length === 0 || positionals.includes('all') || positionals.includes(name),
  );
  const reports = new Map<string, FuzzReport>();
  const waiting = [...wanted];
  const next = async (): Promise<void> => {
    for (let target = waiting.shift(); target !== undefined; target = waiting.shift()) {
      const report = await runTarget(target, Number(values.seconds), Number(values.seed));
      reports.set(target, report);
      finish(target, report, values.keep);
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, Number(values.jobs)) }, next));
  if (values.write) writeResults(wanted, reports);
  process.exitCode = [...reports.values()].every(({ finds }) => finds.length === 0) ? 0 : 1;
}

function finish(target: string, report: FuzzReport, keep: boolean): void {
  console.log(resultLine(target, report, true));
  for (const { message } of report.finds) console.log(`  FIND ${message.replaceAll('\n', '\n    ')}`);
  writeFinds(
    target,
    report.finds.map(({ input, message }) => ({ input: Buffer.from(input), message })),
  );
  if (keep) {
    const inputs = report.corpus.map((input) => Buffer.from(input));
    writeCorpus(target, inputs);
  }
}

/** Runs a target on a thread; a thread that no longer begins inputs is ended, and its input is a find. */
function runTarget(target: string, seconds: number, seed: number): Promise<FuzzReport> {
  const shared = new SharedArrayBuffer(INPUT_BYTES + 8);
  const state = new Int32Array(shared, 0, 2);
  return new Promise((resolve, reject) => {
    const order: Order = { target, seconds, seed, shared };
    const worker = new Worker(new URL(import.meta.url), { workerData: order, argv: [] });
    let last: FuzzReport | undefined;
    let printed = performance.now();
    let seen = -1;
    const watch = setInterval(() => {
      if (state[0] !== seen || seen === 0) {
        seen = state[0] ?? 0;
        return;
      }
      clearInterval(watch);
      const input = Buffer.from(Buffer.from(shared, 8, state[1]));
      void worker.terminate();
      const find = { input, message: `hangs for more than ${HANG_MS / 1000} seconds` };
      if (last === undefined) reject(new Error(`${find.message}: ${input}`));
      else resolve({ ...last, finds: [...last.finds, find] });
    }, HANG_MS);
    worker.on('message', ({ report, done }: { report: FuzzReport; done: boolean }) => {
      last = report;
      if (performance.now() - printed > 10_000) {
        printed = performance.now();
        console.log(resultLine(target, report, false));
      }
      if (!done) return;
      clearInterval(watch);
      resolve(report);
    });
    worker.once('error', (error) => {
      clearInterval(watch);
      reject(error);
    });
  });
}

async function work({ target: name, seconds, seed, shared }: Order): Promise<void> {
  const state = new Int32Array(shared, 0, 2);
  const current = Buffer.from(shared, 8);
  const { TARGETS } = await import('./targets/targets.ts');
  const target = TARGETS.find((one) => one.name === name);
  if (target === undefined) throw new Error(`no target ${name}`);
  const finds = readFinds(name).map(({ input }) => bytesOf(input));
  const seeds = [...target.seeds.map((text) => Buffer.from(text)), ...readCorpus(name), ...finds];
  let told = 0;
  const report = await fuzz(
    target,
    seeds,
    { seconds, seed },
    {
      before: (input) => {
        state[1] = input.copy(current);
        Atomics.add(state, 0, 1);
      },
      progress: (progress) => {
        if (performance.now() - told < 5000) return;
        told = performance.now();
        parentPort?.postMessage({ report: { ...progress, corpus: [] }, done: false });
      },
    },
  );
  const reached = report.corpus.slice(target.seeds.length);
  parentPort?.postMessage({ report: { ...report, corpus: reached }, done: true });
}
