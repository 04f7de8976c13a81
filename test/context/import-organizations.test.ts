import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Imported, importOrganizations } from '../../src/context/import-organizations.ts';
import { parseCompanyFile } from '../../src/context/parse-company-file.ts';
import { projectRoot } from '../shared.ts';

const listing = JSON.stringify({
  Accounts: [
    {
      Id: '111122223333',
      Arn: 'arn:aws:organizations::1:account/o-x/111122223333',
      Email: 'a@x.example',
      Name: 'prod',
    },
    { Id: '012345678901', Email: 'b@x.example', Name: 'yes: "audit" # 1', Status: 'ACTIVE' },
    { Id: '222233334444', Email: 'c@x.example', Status: 'SUSPENDED' },
  ],
});

const textOf = (imported: Imported): string => {
  assert.ok(imported.ok);
  return imported.text;
};

test('makes a company file that is valid', () => {
  const file = parseCompanyFile(textOf(importOrganizations(listing, '')), 'yaml');

  assert.ok(file.ok);
  assert.deepEqual(file.company.accounts, [
    { id: '111122223333', name: 'prod' },
    { id: '012345678901', name: 'yes: "audit" # 1' },
    { id: '222233334444' },
  ]);
});

test('keeps what the file says, comments and other lists included', () => {
  const existing = [
    '# ours',
    'accounts:',
    '  - id: "111122223333" # the old one',
    '    name: our own name',
    '    owner: payments',
    '  - id: 012345678901',
    '  - id: "999988887777"',
    '    name: left the organization',
    'networks:',
    '  - { name: office, cidr: 198.51.100.0/24 }',
    '',
  ].join('\n');

  const imported = importOrganizations(listing, existing);

  assert.ok(imported.ok);
  assert.deepEqual([imported.added, imported.named], [1, 1]);
  for (const line of existing.split('\n')) assert.ok(imported.text.includes(line), line);
  const file = parseCompanyFile(imported.text, 'yaml');
  assert.ok(file.ok);
  assert.deepEqual(
    file.company.accounts.map(({ name }) => name),
    ['our own name', 'yes: "audit" # 1', 'left the organization', undefined],
  );
});

test('importing twice changes nothing', () => {
  const existing = readFileSync(join(projectRoot(), 'test', 'fixtures', 'company.yaml'), 'utf8');
  for (const before of ['', '# empty\n', 'accounts: []\n', existing]) {
    const once = textOf(importOrganizations(listing, before));

    assert.equal(textOf(importOrganizations(listing, once)), once);
  }
});

test('puts no address of an owner into the file', () => {
  assert.ok(!textOf(importOrganizations(listing, '')).includes('@x.example'));
});

test('refuses what it cannot read', () => {
  for (const [text, existing] of [
    ['', ''],
    ['{"Accounts":[{"Id":"1"}]}', ''],
    [listing, 'accounts: ['],
    [listing, '- a'],
    [listing, 'accounts: {}'],
  ] as const) {
    assert.equal(importOrganizations(text, existing).ok, false, existing);
  }
});
