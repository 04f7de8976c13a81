import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Figure, progress } from './result.ts';

/**
 * `npm run bench`: runs every scenario of this folder (a module with `run()`) and prints one table; with
 * `--write` the table becomes test/bench/RESULTS.md. Words pick scenarios: `npm run bench -- route`.
 * `--profile` writes CPU profiles of the servers into a folder and says which; `--node26 <path>` names the
 * Node that runs the route once more. What is under way goes to standard error.
 */

/** In the order they are shown. */
const SCENARIOS = [
  ['start', 'Start'],
  ['core', 'Decode, encode, enrichers'],
  ['policy-analysis', 'Policy analysis'],
  ['attack-risk', 'ATT&CK and risk'],
  ['context', 'Context and tools'],
  ['session-memory', 'Sessions in memory'],
  ['policy-memory', 'Policies in memory'],
  ['store', 'Store round trips'],
  ['route', 'The whole route, beside the echo'],
  ['route-node26', 'The route on Node 26, beside the echo on it'],
  ['growth', 'Growth'],
  ['fairness', 'Small calls beside large files'],
  ['workers', 'Several workers'],
] as const;

type Scenario = { run(): Promise<readonly Figure[]> };

const { values: flags, positionals: words } = parseArgs({
  allowPositionals: true,
  options: {
    write: { type: 'boolean', default: false },
    profile: { type: 'boolean', default: false },
    node26: { type: 'string' },
  },
});
const unknown = words.filter((word) => !SCENARIOS.some(([name]) => name === word));
if (unknown.length > 0) throw new Error(`no such scenario: ${unknown.join(', ')}`);

if (flags.node26 !== undefined) process.env['DETRAILS_BENCH_NODE26'] = flags.node26;
if (flags.profile) {
  const folder = join(process.cwd(), '.build', 'profiles');
  mkdirSync(folder, { recursive: true });
  process.env['DETRAILS_BENCH_PROFILE'] = folder;
  console.log(`CPU profiles go to ${folder}`);
}

const extension = import.meta.filename.endsWith('.ts') ? '.ts' : '.js';
const lines = [...header()];
for (const [name, title] of SCENARIOS) {
  if (words.length > 0 && !words.includes(name)) continue;
  const started = performance.now();
  progress(`${name}:`);
  add(`\n## ${title}\n`);
  add('| what | figure | unit | note |');
  add('| --- | ---: | --- | --- |');
  for (const { name: what, value, unit, note } of await figuresOf(name)) {
    add(`| ${what} | ${shown(value)} | ${unit} | ${note ?? ''} |`);
  }
  progress(`${name} took ${Math.round((performance.now() - started) / 1000)} s`);
}
if (flags.write) writeFileSync(join('test', 'bench', 'RESULTS.md'), `${lines.join('\n')}\n`);

/** A scenario that fails says so in its place: the others' figures stand. */
async function figuresOf(name: string): Promise<readonly Figure[]> {
  try {
    const scenario = (await import(join(import.meta.dirname, name + extension))) as Scenario;
    return await scenario.run();
  } catch (error) {
    process.exitCode = 1;
    return [{ name: 'did not run', value: Number.NaN, unit: '', note: String(error) }];
  }
}

function add(line: string): void {
  lines.push(line);
  console.log(line);
}

/** Three significant digits, without exponents. */
function shown(value: number): string {
  return Number.isFinite(value) ? String(Number(value.toPrecision(3))) : 'n/a';
}

function header(): string[] {
  const commit = existsSync('.git')
    ? execFileSync('git', ['describe', '--always', '--dirty'], { encoding: 'utf8' }).trim()
    : 'unknown';
  const text = [
    '# Bench results',
    '',
    'Written by `npm run bench -- --write`. Machines differ and this one is shared: ratios within one run say',
    'more than times. Throughput ratios compare requests per second as the client saw them, with the client on',
    'the same cores; CPU ratios compare CPU seconds per request as the operating system accounts them to the',
    'server. Both servers took turns with the same bodies; figures are medians of several rounds.',
    '',
    `- machine: ${cpus()[0]?.model ?? 'unknown'}, ${cpus().length} cores`,
    `- Node: ${process.version}`,
    `- commit: ${commit}`,
    `- date: ${new Date().toISOString().slice(0, 10)}`,
  ];
  for (const line of text) console.log(line);
  return text;
}
