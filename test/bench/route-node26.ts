import { execFileSync } from 'node:child_process';
import { type Figure, skipped } from './result.ts';
import { run as runRoute } from './route.ts';

/** The corners of the matrix with both servers on Node 26: `--node26 <path>`, or `node26` on the PATH. */
export async function run(): Promise<readonly Figure[]> {
  const node = process.env['DETRAILS_BENCH_NODE26'] ?? 'node26';
  const version = versionOf(node);
  if (version === undefined) return [skipped(`no ${node} here; say where it is with --node26 <path>`)];
  const figures = await runRoute({ node, records: [1, 125, 1000], connections: [8], rounds: 5 });
  return figures.map((figure) => ({ ...figure, note: `${version}; ${figure.note ?? ''}` }));
}

function versionOf(node: string): string | undefined {
  try {
    return execFileSync(node, ['--version'], { encoding: 'utf8' }).trim();
  } catch {
    return undefined;
  }
}
