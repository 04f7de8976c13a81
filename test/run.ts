import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';

/**
 * Runs every `*.test.js` below this folder, each in a process of its own, two at a time. Node 20's
 * `node --test` takes no globs, and everything in a folder named `test` for a test.
 *
 * Arguments are parts of paths: `npm test -- cloudtrail/ merge` runs the files that hold one of them.
 */
const wanted = process.argv.slice(2);
const files = (readdirSync(import.meta.dirname, { recursive: true }) as string[])
  .filter((name) => name.endsWith('.test.js'))
  .filter((name) => wanted.length === 0 || wanted.some((part) => name.includes(part)))
  .sort()
  .map((name) => join(import.meta.dirname, name));

let failed = false;
run({ files, concurrency: 2 })
  .on('test:fail', () => {
    failed = true;
  })
  .on('end', () => {
    process.exitCode = failed || files.length === 0 ? 1 : 0;
  })
  .compose(new spec())
  .pipe(process.stdout);
