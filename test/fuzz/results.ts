import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { projectRoot } from '../shared.ts';
import type { FuzzReport } from './fuzz-loop.ts';

/** One target in one line. */
export function resultLine(target: string, report: FuzzReport, isLast: boolean): string {
  const { executions, seconds, corpus, features, covered, freshlyCovered, slowestMs, finds } = report;
  const kept = isLast ? `, corpus ${corpus.length}` : '';
  return (
    `${target}: ${executions} executions in ${Math.round(seconds)} s, ${rate(report)}/s${kept}, ` +
    `${features} features, ${covered} characters of src covered (${freshlyCovered} beyond the seeds), ` +
    `slowest ${Math.round(slowestMs)} ms, ${finds.length} finds`
  );
}

/** Keeps the figures of a run in `test/fuzz/RESULTS.md`. */
export function writeResults(targets: readonly string[], reports: ReadonlyMap<string, FuzzReport>): void {
  const rows = targets.map((target) => {
    const report = reports.get(target);
    if (report === undefined) return `| ${target} | did not run |`;
    const { executions, seconds, corpus, features, covered, freshlyCovered, slowestMs, finds } = report;
    const cells = [
      ...[target, Math.round(seconds), executions, rate(report), corpus.length, features],
      ...[covered, freshlyCovered, `${Math.round(slowestMs)} ms`, finds.length],
    ];
    return `| ${cells.join(' | ')} |`;
  });
  const text = [
    '# Coverage-guided fuzzing',
    '',
    `The last \`npm run fuzz -- --write\`, on Node ${process.version} and ${cpus().length} cores. Coverage is in`,
    'characters of `src/` that ran; what is new is beyond the seeds and the kept corpus. What each target promises',
    'stands in `test/fuzz/targets/`; every find becomes a case in `test/cases/fuzz/`.',
    '',
    '| target | seconds | executions | per second | corpus | features | covered | new | slowest | finds |',
    '| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |',
    ...rows,
    '',
  ].join('\n');
  writeFileSync(join(projectRoot(), 'test', 'fuzz', 'RESULTS.md'), text);
}

function rate({ executions, seconds }: FuzzReport): number {
  return Math.round(executions / seconds);
}
