import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Reads a file of `data/` as of one edition; undefined where that edition has no such file. */
export type Edition = { readonly label: string; readonly read: (name: string) => unknown };

const LARGEST_FILE = 256 * 1024 * 1024;

/**
 * An edition of the data: a directory that holds its files, or else a revision of git.
 * @throws when it is neither
 */
export function openEdition(name: string, root: string): Edition {
  if (existsSync(name) && statSync(name).isDirectory()) {
    const read = (file: string): unknown => {
      const path = join(name, file);
      return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : undefined;
    };
    return { label: name, read };
  }
  const commit = git(root, ['rev-parse', '--verify', '--end-of-options', `${name}^{commit}`]).trim();
  const read = (file: string): unknown => {
    const isThere = git(root, ['ls-tree', '--name-only', commit, `data/${file}`]) !== '';
    return isThere ? JSON.parse(git(root, ['show', `${commit}:data/${file}`])) : undefined;
  };
  return { label: `${name} (${commit.slice(0, 10)})`, read };
}

function git(root: string, args: readonly string[]): string {
  return execFileSync('git', args, {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: LARGEST_FILE,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}
