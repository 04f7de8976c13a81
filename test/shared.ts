import { existsSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The absolute path of a file beside the project (`../shared/<name>`), or undefined where it is absent.
 * Tests that use one pass `skip: path === undefined && 'shared/ is not here'`.
 */
export function sharedPath(name: string): string | undefined {
  const path = join(projectRoot(), '..', 'shared', name);
  return existsSync(path) ? path : undefined;
}

/** The project's root: tests run from there, by npm and by hand alike. */
export function projectRoot(): string {
  return process.cwd();
}
