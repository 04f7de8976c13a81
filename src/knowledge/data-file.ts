import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/**
 * Reads a generated file of `data/`, synchronously: knowledge is loaded once, at start, before the
 * service listens. Works from the sources (`src/knowledge/`), from the build (`dist/knowledge/`) and
 * from the test build (`.build/src/knowledge/`).
 */
export function readDataFile(name: string): unknown {
  return JSON.parse(readFileSync(dataPath(name), 'utf8'));
}

/** The absolute path of a file in `data/`. */
export function dataPath(name: string): string {
  const here = fileURLToPath(new URL('.', import.meta.url));
  const up = here.includes('/.build/') ? '../../../data/' : '../../data/';
  return fileURLToPath(new URL(up + name, import.meta.url));
}
