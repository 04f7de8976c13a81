import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { faultText } from '../../src/context/context-source.ts';
import { LARGEST_COMPANY_FILE, parseCompanyFile } from '../../src/context/parse-company-file.ts';
import { readCases } from '../read-cases.ts';
import { projectRoot } from '../shared.ts';

type Input = { readonly text: string; readonly format?: 'json' };

const fixture = (name: string): string => readFileSync(join(projectRoot(), 'test', 'fixtures', name), 'utf8');

for (const { name, why, input, expected } of readCases<Input, readonly string[]>(
  'context/company-files.json',
)) {
  test(name, () => {
    const file = parseCompanyFile(input.text, input.format ?? 'yaml');

    const faults = file.ok ? [] : file.faults;
    const told = faults.map(({ line, path, message }) =>
      [line, path, message].filter((part) => part !== '').join(' '),
    );
    assert.deepEqual(told, expected, why);
  });
}

test('reads the company file of the README', () => {
  const file = parseCompanyFile(fixture('company.yaml'), 'yaml');

  assert.ok(file.ok);
  assert.deepEqual(
    file.company.accounts.map(({ id }) => id),
    ['111122223333', '444455556666', '012345678901'],
  );
  assert.deepEqual(file.company.networks[1], {
    name: 'VPN',
    cidr: ['203.0.113.16/28', '2001:db8:42::/48'],
    kind: 'vpn',
    trusted: true,
  });
  assert.deepEqual(file.company.roles[0], {
    arn: ['arn:aws:iam::*:role/BreakGlass'],
    from: ['Hamburg office'],
  });
});

test('a file with 20 faults is answered by 20 lines, each with its own line number', () => {
  const file = parseCompanyFile(fixture('company-with-20-faults.yaml'), 'yaml');

  assert.ok(!file.ok);
  const told = file.faults.map(faultText);
  assert.equal(told.length, 20);
  assert.equal(told[0], 'line 2: accounts[0].id must be a 12-digit account id');
  assert.deepEqual(
    file.faults.map(({ line }) => line),
    [2, 3, 4, 5, 7, 8, 9, 12, 13, 15, 16, 17, 19, 21, 22, 23, 26, 30, 31, 32],
  );
});

test('faults quote no value of the file', () => {
  const secret = 'AKIAIOSFODNN7EXAMPLE';
  const file = parseCompanyFile(
    `accounts:\n- id: ${secret}\n  name: [${secret}]\nnetworks:\n- cidr: ${secret}\n  name: "${secret}`,
    'yaml',
  );
  const values = parseCompanyFile(
    `accounts:\n- id: ${secret}\nnetworks:\n- {cidr: ${secret}, name: x, kind: [${secret}]}\nroles: [{arn: ${secret}, from: ${secret}}]`,
    'yaml',
  );

  assert.ok(!file.ok && !values.ok);
  assert.ok(!JSON.stringify([file, values]).includes(secret));
});

test('what is nested past any use is a fault, not a spent stack', () => {
  for (const text of [
    `accounts: ${'['.repeat(50)}${']'.repeat(50)}`,
    '['.repeat(100_000),
    '['.repeat(100_000) + ']'.repeat(100_000),
    '{"a":'.repeat(20_000),
    '- '.repeat(20_000),
  ]) {
    assert.equal(parseCompanyFile(text, 'yaml').ok, false);
  }
});

test('a file larger than the limit is refused before it is parsed', () => {
  const file = parseCompanyFile('#'.repeat(LARGEST_COMPANY_FILE + 1), 'yaml');

  assert.deepEqual(file, { ok: false, faults: [{ line: 1, path: '', message: 'is larger than 4 MiB' }] });
});

test('thousands of faults are told up to a bound, with the count of the rest', () => {
  const file = parseCompanyFile(`accounts:\n${'- {}\n'.repeat(1500)}`, 'yaml');

  assert.ok(!file.ok);
  assert.equal(file.faults.length, 1001);
  assert.equal(file.faults[1000]?.message, 'has 500 faults more');
});
