import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { RECORD_ERRORS } from '../../src/cloudtrail/record-error.ts';
import { PROBLEMS } from '../../src/errors.ts';
import { withOptionsTable } from './options-table.ts';

const readme = readFileSync('README.md', 'utf8');

test('the README shows every option as the code has it (npm run readme:build)', () => {
  assert.equal(withOptionsTable(readme), readme);
});

test('the README names every code a record can come back with', () => {
  const missing = Object.keys(RECORD_ERRORS).filter((code) => !readme.includes(`\`${code}\``));

  assert.deepEqual(missing, []);
});

test('the README names every code of a refused request, or its status', () => {
  const missing = Object.entries(PROBLEMS)
    .filter(([code, { status }]) => !readme.includes(code) && !readme.includes(String(status)))
    .map(([code]) => code);

  assert.deepEqual(missing, []);
});

test('every file that the README links to exists', () => {
  const links = [...readme.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, link]) => link ?? '');

  assert.deepEqual(
    links.filter((link) => !existsSync(link)),
    [],
  );
});
