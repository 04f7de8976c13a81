import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ActionsFile } from '../../src/knowledge/actions-file.ts';
import { compileActions } from './actions/compile.ts';
import { readExceptions } from './actions/exceptions.ts';
import { readIamData } from './actions/iam-data.ts';

/*
 * Builds data/actions.json from the pinned packages and our table of exceptions. Run from the project
 * root, by `npm run data:build`; running it twice changes nothing.
 */
const root = process.cwd();
const target = join(root, 'data', 'actions.json');

const current = readIamData(join(root, 'node_modules', '@cloud-copilot', 'iam-data'));
const older = readIamData(join(root, 'node_modules', 'iam-data-deps'));
const { exceptions, source } = readExceptions(join(root, 'data', 'build', 'actions', 'exceptions.json'));

const file = compileActions({
  sources: [current.source, older.source, source],
  current: current.actions,
  older: older.actions,
  dependents: older.dependents,
  exceptions,
  operations: new Map(),
  committed: existsSync(target) ? (JSON.parse(readFileSync(target, 'utf8')) as ActionsFile) : undefined,
});
const text = formatFile(file);
writeFileSync(target, text);
console.log(`data/actions.json: ${current.actions.size} actions, ${text.length} bytes, ${file.hash}`);

/** One line per service or source, so that a change reads well in a diff. */
function formatFile(content: ActionsFile): string {
  const members = Object.entries(content).map(([key, value]: [string, unknown]) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      return `${quote(key)}:${quote(value)}`;
    const lines = Object.entries(value).map(([name, row]) => `${quote(name)}:${quote(row)}`);
    return `${quote(key)}:{\n${lines.join(',\n')}\n}`;
  });
  return `{${members.join(',\n')}}\n`;
}

function quote(value: unknown): string {
  return JSON.stringify(value);
}
