import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { patternFault } from '../../data/build/tools/check-pattern.ts';
import { compileTools, type Signatures } from '../../data/build/tools/compile-tools.ts';
import { compileVendors } from '../../data/build/vendors/compile-vendors.ts';
import { projectRoot } from '../shared.ts';

const data = (name: string): string => readFileSync(join(projectRoot(), 'data', name), 'utf8');

test('data/tools.json is what its builder makes', () => {
  const signatures = JSON.parse(data('build/tools/signatures.json')) as Signatures;
  const masks = JSON.parse(data('build/tools/pacu-masks.json')) as { agents: string[] };

  assert.equal(compileTools(signatures, masks.agents), data('tools.json'));
});

test('data/vendors.json is what its builder makes', () => {
  assert.equal(compileVendors(JSON.parse(data('build/vendors/vendors.json'))), data('vendors.json'));
});

test('an account with two owners stops the build', () => {
  const vendor = {
    name: 'a',
    kind: 'vendor',
    accounts: ['111122223333'],
    source: 'https://a.example/',
  } as const;
  const twice = [vendor, { ...vendor, name: 'b' }].map((each) => ({ ...each, accounts: [...each.accounts] }));

  assert.throws(() => compileVendors({ read: '2026-11-24', vendors: twice }), /two owners/);
});

test('signatures that hostile text could hang are refused', () => {
  for (const pattern of ['a*', '(a+)+$', 'a{2,}', '(?<=a)b', '(a)\\1', '(?:a{1,9}){1,999}', '(']) {
    assert.notEqual(patternFault(pattern, 'abcd'), undefined, pattern);
  }
  assert.notEqual(patternFault('abcd', 'ABCD'), undefined);
  assert.notEqual(patternFault('abc', 'abc'), undefined);
  assert.equal(patternFault('^\\[?[a-z*+]{1,9}\\*(?<version>[0-9]{1,3})?', 'abcd'), undefined);
});
