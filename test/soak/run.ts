import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { projectRoot } from '../shared.ts';
import { BEYOND_DESCRIPTORS, HOSTILE_ANSWERS } from './faults.ts';
import { report } from './report.ts';
import { type SoakFigures, soak } from './soak.ts';

/**
 * `npm run soak -- [--minutes 30] [--write]`, `npm run soak:short`: the real process under mixed traffic while
 * things break around it. Loopback only, bounded in time. Fails when a record is lost, moved or changed, a
 * status is not one that was to be expected, a secret shows, or the process does not drain. `--write` keeps
 * the report in `test/soak/RESULTS.md`.
 */
const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '30' },
    short: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
  },
});
const SHORT_SECONDS = 26;
const seconds = values.short ? SHORT_SECONDS : Number(values.minutes) * 60;
/** Starting and ending processes takes time besides the phases. */
const OVERTIME_MS = 150_000;

const cleanups: (() => Promise<void>)[] = [];
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => void giveUp(`ended by ${signal}`));
}
setTimeout(() => void giveUp('took too long'), seconds * 1000 + OVERTIME_MS).unref();

try {
  const figures = await soak(seconds, (end) => cleanups.push(end));
  const faults = faultsOf(figures);
  const text = report(figures, seconds, faults);
  console.log(text);
  if (values.write) writeFileSync(join(projectRoot(), 'test', 'soak', 'RESULTS.md'), text);
  if (faults.length > 0) process.exitCode = 1;
} finally {
  await cleanUp();
}

/** Everything that must not be, in words; none when the soak passed. */
function faultsOf({ tally, hostile, exitCodes, leaks }: SoakFigures): string[] {
  const faults: string[] = [];
  const lost = tally.recordsIn - tally.recordsOut;
  if (lost !== 0) faults.push(`${lost} records are lost`);
  if (tally.misplaced > 0) faults.push(`${tally.misplaced} answers hold other records`);
  for (const status of tally.statuses.keys())
    if (status !== 200 && status !== 503) faults.push(`an answer has the status ${status}`);
  if (exitCodes.some((code) => code !== 0)) faults.push(`SIGTERM ended with ${exitCodes}`);
  if (!((hostile.get(BEYOND_DESCRIPTORS)?.get(0) ?? 0) > 0))
    faults.push('the file descriptors did not run out');
  if (leaks.length + tally.leaks > 0) faults.push('a secret shows');
  for (const [kind, seen] of hostile)
    for (const status of seen.keys())
      if (!(HOSTILE_ANSWERS[kind] ?? []).includes(status)) faults.push(`${kind} was answered ${status}`);
  return faults;
}

async function giveUp(why: string): Promise<void> {
  console.error(`the soak ${why}`);
  await cleanUp();
  process.exit(1);
}

/** Last first; one that fails hinders no other. */
async function cleanUp(): Promise<void> {
  for (let end = cleanups.pop(); end !== undefined; end = cleanups.pop()) await end().catch(() => undefined);
}
