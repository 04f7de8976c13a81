import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Generated files: path below the project's root, and text. */
export type Files = ReadonlyMap<string, string>;

/** Writes what has changed and says so. Runs from the project's root, as npm does. */
export function writeFiles(files: Files): void {
  for (const [path, text] of files) {
    const absolute = join(process.cwd(), path);
    if (readText(absolute) === text) continue;
    mkdirSync(dirname(absolute), { recursive: true });
    writeFileSync(absolute, text);
    console.log(`wrote ${path}`);
  }
}

/** JSON as it is committed: two spaces, a line feed at the end. */
export function jsonText(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
