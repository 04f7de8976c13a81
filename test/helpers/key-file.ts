import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { makeKey } from '../../src/http/access/make-key.ts';

/** A folder of its own for a test, gone when the test ends. */
export function temporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'detrails-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Replaces a file as a whole, as a mounted secret is replaced. */
export function replaceFile(path: string, text: string): void {
  writeFileSync(`${path}.new`, text);
  renameSync(`${path}.new`, path);
}

/** A key of its own per name, the same every time, and its line. */
export function testKey(name: string, scopes = 'enrich'): { readonly key: string; readonly line: string } {
  const made = makeKey(name, scopes, Buffer.alloc(32, name));
  if ('faults' in made) throw new Error(made.faults.join());
  return made;
}
