import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { isObject, type JsonObject } from '../../../src/cloudtrail/json.ts';

/** The path of something in `../shared`, or undefined where it is not. */
export function shared(name: string): string | undefined {
  const path = join(process.cwd(), '..', 'shared', name);
  return existsSync(path) ? path : undefined;
}

/** The records of a file with one JSON object per line. */
export function readLines(path: string): JsonObject[] {
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line): unknown => JSON.parse(line))
    .filter(isObject);
}

/** The records of every `.json.gz` file below a folder, in the order of the paths. */
export function readTrail(directory: string): JsonObject[] {
  const records: JsonObject[] = [];
  for (const name of readdirSync(directory, { recursive: true, encoding: 'utf8' }).sort()) {
    if (!name.endsWith('.json.gz')) continue;
    const file: unknown = JSON.parse(gunzipSync(readFileSync(join(directory, name))).toString('utf8'));
    if (isObject(file) && Array.isArray(file['Records'])) records.push(...file['Records'].filter(isObject));
  }
  return records;
}

/** Part of a whole, as a report prints it. */
export function share(part: number, whole: number): string {
  return `${part} of ${whole} (${whole === 0 ? '0.0' : ((100 * part) / whole).toFixed(1)} %)`;
}
