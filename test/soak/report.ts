import { cpus } from 'node:os';
import { type Sample, slopeOf, troughsOf } from './samples.ts';
import type { SoakFigures } from './soak.ts';
import type { PhaseFigures } from './tally.ts';

/** Parts of the time whose lowest points show what memory is kept. */
const TROUGHS = 24;

/** The whole soak in Markdown: what is printed, and what `--write` keeps. */
export function report(figures: SoakFigures, seconds: number, verdict: readonly string[]): string {
  const { tally, samples, steady, starts, exitCodes, leaks, hasStore } = figures;
  const statuses = [...tally.statuses].map(([status, count]) => `${status}: ${count}`).join(', ');
  return [
    '# Soak',
    '',
    `${Math.round(seconds)} s of mixed traffic on Node ${process.version}, ${cpus().length} cores shared with ` +
      `its clients${hasStore ? '' : '; no Valkey or Redis was there'}.`,
    '',
    `- verdict: **${verdict.length === 0 ? 'passed' : `failed: ${verdict.join('; ')}`}**`,
    `- requests: ${tally.requests}; records in: ${tally.recordsIn}; records out: ${tally.recordsOut}`,
    `- answers: ${statuses}`,
    `- answers whose records were others or in another order: ${tally.misplaced}; secrets seen: ${leaks.length + tally.leaks}`,
    `- exit codes after SIGTERM (under load; with a full disk; at the end): ${exitCodes.join(', ')}`,
    `- starts: ${starts.map(({ readyMs, longestLagMs }) => `ready after ${Math.round(readyMs)} ms, event loop still for ${Math.round(longestLagMs)} ms of them`).join('; ')}`,
    slopeLine('heap', samples, steady, ({ heap }) => heap),
    slopeLine('resident memory', samples, steady, ({ resident }) => resident),
    '',
    '## Latency before, during and after each fault',
    '',
    ...faultTable(figures),
    '',
    '## Hostile clients',
    '',
    ...[...figures.hostile].map(
      ([kind, seen]) =>
        `- ${kind}: ${[...seen].map(([status, count]) => `${status === 0 ? 'hung up' : status}: ${count}`).join(', ')}`,
    ),
    '',
    '## Curve',
    '',
    ...curve(samples),
    '',
  ].join('\n');
}

function slopeLine(
  name: string,
  samples: readonly Sample[],
  { pid, from, to }: SoakFigures['steady'],
  figure: (sample: Sample) => number,
): string {
  const window = samples.filter((sample) => sample.pid === pid && sample.at >= from && sample.at <= to);
  const perMinute = (some: readonly Sample[], since: number): string =>
    `${(slopeOf(some, pid, since, figure).bytesPerMinute / 1e6).toFixed(2)} MB/min`;
  const half = (from + to) / 2;
  return (
    `- slope of ${name}: ${perMinute(window, from)}; of its troughs ${perMinute(troughsOf(window, TROUGHS, figure), from)}, ` +
    `in the second half ${perMinute(troughsOf(window, TROUGHS, figure), half)} (least squares, process ${pid}, ` +
    `${Math.round(from)} s to ${Math.round(to)} s, ${window.length} samples)`
  );
}

function faultTable({ tally, order, samples }: SoakFigures): string[] {
  const phases = new Map(tally.phases().map((phase) => [phase.name, phase]));
  const rows = order.flatMap(({ name, isFault }, index) => {
    if (!isFault) return [];
    const before = phases.get(order[index - 1]?.name ?? '');
    const after = phases.get(order[index + 1]?.name ?? '');
    const during = phases.get(name);
    const loop = samples.filter(({ phase }) => phase === name).map(({ longestLagMs }) => longestLagMs);
    const cells = [name, during?.requests ?? 0, p99(before), p99(during), p99(after)];
    return [row([...cells, `${Math.round(Math.max(0, ...loop))} ms`, outcomesOf(during)])];
  });
  return [
    row(['fault', 'requests', 'p99 before', 'during', 'after', 'longest loop delay', 'answers and errors']),
    row(['---', '---:', '---:', '---:', '---:', '---:', '---']),
    ...rows,
  ];
}

function p99(phase: PhaseFigures | undefined): string {
  return phase === undefined || phase.requests === 0 ? '-' : `${phase.p99.toFixed(1)} ms`;
}

function outcomesOf(phase: PhaseFigures | undefined): string {
  return [...(phase?.outcomes ?? [])].map(([code, count]) => `${code}: ${count}`).join(', ');
}

/** About twenty samples, the first one of every process among them. */
function curve(samples: readonly Sample[]): string[] {
  const every = Math.max(1, Math.floor(samples.length / 20));
  const shown = samples.filter(({ pid }, index) => index % every === 0 || samples[index - 1]?.pid !== pid);
  const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(0);
  return [
    row([
      's',
      'phase',
      'process',
      'heap MB',
      'resident MB',
      'descriptors',
      'loop delay p99 ms',
      'longest ms',
    ]),
    row(['---:', '---', '---:', '---:', '---:', '---:', '---:', '---:']),
    ...shown.map((one) =>
      row([
        one.at.toFixed(0),
        one.phase,
        one.pid,
        megabytes(one.heap),
        megabytes(one.resident),
        one.descriptors,
        one.lagMs.toFixed(0),
        one.longestLagMs.toFixed(0),
      ]),
    ),
  ];
}

function row(cells: readonly (string | number)[]): string {
  return `| ${cells.join(' | ')} |`;
}
