import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseAwsRanges } from '../../src/context/aws-ranges.ts';
import { DEFAULT_FETCH, type FetchOptions, fetchJson } from './actions/fetch-json.ts';

/** Where AWS publishes its addresses. */
export const AWS_RANGES_URL = 'https://ip-ranges.amazonaws.com/ip-ranges.json';

/** AWS gives addresses back rarely and few at a time; half of them gone is a broken download. */
const LEAST_SHARE = 0.5;

/**
 * Downloads AWS's published addresses to `target` and says what it wrote. The file is replaced whole, and
 * only by one that can be read and has not lost half its ranges; a running service that watches it reads it
 * by itself.
 */
export async function refreshAwsRanges(url: string, target: string, fetch: FetchOptions): Promise<string> {
  const text = JSON.stringify(await fetchJson(url, fetch));
  const ranges = parseAwsRanges(text);
  if (ranges === undefined) throw new Error(`${url} holds no file of AWS's ranges`);
  const before = existsSync(target) ? parseAwsRanges(readFileSync(target, 'utf8'))?.size : undefined;
  if (before !== undefined && ranges.size < before * LEAST_SHARE) {
    throw new Error(`${url} has ${ranges.size} ranges, ${target} has ${before}: not replaced`);
  }
  writeFileSync(`${target}.new`, text);
  renameSync(`${target}.new`, target);
  return `${target}: ${ranges.size} ranges, ${before ?? 'none'} before`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const target = process.argv[2] ?? join(process.cwd(), 'data', 'ip-ranges.json');
  console.log(await refreshAwsRanges(process.argv[3] ?? AWS_RANGES_URL, target, DEFAULT_FETCH));
}
