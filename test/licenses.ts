import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * `npm run licenses`: every installed package's licence against the allow-list, and the number of runtime
 * packages. Reads the lockfile, so what is checked is what gets installed.
 */
const ALLOWED = new Set([
  'MIT',
  'ISC',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  '0BSD',
  'BlueOak-1.0.0',
  'CC0-1.0',
  'Unlicense',
  'Python-2.0',
  'Zlib',
]);

type Locked = {
  name?: string;
  version?: string;
  license?: string;
  dev?: boolean;
  optional?: boolean;
  hasInstallScript?: boolean;
};

const lock = JSON.parse(readFileSync('package-lock.json', 'utf8')) as { packages: Record<string, Locked> };
const faults: string[] = [];
let runtime = 0;
let development = 0;
for (const [path, locked] of Object.entries(lock.packages)) {
  if (path === '') continue;
  if (locked.dev === true) development++;
  else runtime++;
  const license = locked.license ?? installedLicense(path);
  if (license === undefined) {
    // Packages for other platforms are not installed here and say nothing.
    if (locked.optional !== true) faults.push(`${path}: no licence`);
  } else if (!isAllowed(license)) faults.push(`${path}: ${license}`);
  if (locked.hasInstallScript === true && locked.dev !== true)
    faults.push(`${path}: runs a script when installed`);
}
console.log(`${runtime} packages at run time, ${development} for development; ${faults.length} faults`);
for (const fault of faults) console.error(fault);
process.exitCode = faults.length === 0 ? 0 : 1;

/** SPDX expressions: every part of an AND, one part of an OR. */
function isAllowed(expression: string): boolean {
  const plain = expression.replaceAll(/[()]/g, '');
  return plain
    .split(' OR ')
    .some((choice) => choice.split(' AND ').every((part) => ALLOWED.has(part.trim())));
}

function installedLicense(path: string): string | undefined {
  const file = join(path, 'package.json');
  if (!existsSync(file)) return undefined;
  const { license } = JSON.parse(readFileSync(file, 'utf8')) as { license?: unknown };
  return typeof license === 'string' ? license : undefined;
}
