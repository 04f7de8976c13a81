import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

/**
 * `npm run data:build`: every builder, those first whose output others read. Each prints what it wrote.
 * AWS-managed policies are only compiled anew where their documents are at hand.
 */
const BUILDERS = [
  'build-actions',
  'build-resource-types',
  'build-risk',
  'build-managed-policies',
  'build-attack',
  'build-tools',
  'build-vendors',
];

for (const name of BUILDERS) {
  const extension = import.meta.filename.endsWith('.ts') ? 'ts' : 'js';
  const { status } = spawnSync(process.execPath, [join(import.meta.dirname, `${name}.${extension}`)], {
    stdio: 'inherit',
  });
  if (status !== 0) {
    process.exitCode = status ?? 1;
    break;
  }
}
