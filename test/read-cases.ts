import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from './shared.ts';

/** One behavior as data: what goes in, what must come out, and why that is right. */
export type Case<Input, Expected> = {
  readonly name: string;
  readonly why: string;
  readonly input: Input;
  readonly expected: Expected;
};

/** The cases of `test/cases/<path>`. */
export function readCases<Input, Expected>(path: string): readonly Case<Input, Expected>[] {
  const text = readFileSync(join(projectRoot(), 'test', 'cases', path), 'utf8');
  return JSON.parse(text) as readonly Case<Input, Expected>[];
}
