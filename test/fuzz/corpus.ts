import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Case } from '../read-cases.ts';
import { projectRoot } from '../shared.ts';
import type { Find } from './fuzz-loop.ts';

/** Inputs kept between runs: the shortest that reached something. */
const MAX_KEPT = 120;
const MAX_KEPT_BYTES = 600;

/** Inputs are kept as JSON lists of texts in which one character is one byte. */
export function readCorpus(target: string): Buffer[] {
  const path = corpusPath(target);
  if (!existsSync(path)) return [];
  return (JSON.parse(readFileSync(path, 'utf8')) as string[]).map(bytesOf);
}

/** Keeps the shortest of what reached something new, of earlier runs and this one. */
export function writeCorpus(target: string, inputs: readonly Buffer[]): void {
  const texts = [...new Set(inputs.map((input) => input.toString('latin1')))]
    .filter((text) => text.length <= MAX_KEPT_BYTES)
    .sort((a, b) => a.length - b.length || (a < b ? -1 : 1))
    .filter((_text, index, all) => index % Math.max(1, Math.ceil(all.length / MAX_KEPT)) === 0);
  write(corpusPath(target), texts);
}

/** A find as it is replayed by `test/fuzz/replay.test.ts`, until somebody gives it a better name. */
export function writeFinds(target: string, finds: readonly Find[]): void {
  const path = casesPath(target);
  const known = readFinds(target);
  const seen = new Set(known.map(({ input }) => input));
  const cases = finds
    .map(({ input, message }) => ({
      name: `what broke: ${message.split('\n')[0]?.slice(0, 80)}`,
      why: 'Found by npm run fuzz.',
      input: input.toString('latin1'),
      expected: null,
    }))
    .filter(({ input }) => !seen.has(input));
  if (cases.length > 0) write(path, [...known, ...cases]);
}

/** The finds of earlier runs. */
export function readFinds(target: string): readonly Case<string, null>[] {
  const path = casesPath(target);
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Case<string, null>[]) : [];
}

/** The bytes of a kept text. */
export function bytesOf(text: string): Buffer {
  return Buffer.from(text, 'latin1');
}

function corpusPath(target: string): string {
  return join(projectRoot(), 'test', 'fuzz', 'corpus', target, 'inputs.json');
}

function casesPath(target: string): string {
  return join(projectRoot(), 'test', 'cases', 'fuzz', `${target}.json`);
}

function write(path: string, value: unknown): void {
  mkdirSync(dirname(path), { recursive: true });
  const ascii = JSON.stringify(value, undefined, 1).replaceAll(
    /[\u007f-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  writeFileSync(path, `${ascii}\n`);
}
