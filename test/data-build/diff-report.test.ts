import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { compareFacts, guardFaults } from '../../data/build/diff/compare.ts';
import { FACT_KINDS } from '../../data/build/diff/facts.ts';
import { diffReport } from '../../data/build/diff-report.ts';
import { projectRoot } from '../shared.ts';

const PATHS = {
  'one-001': { id: 'one-001', actions: ['iam:PassRole', 'ec2:RunInstances'], conditional: false },
  'two-001': { id: 'two-001', actions: ['iam:CreateAccessKey'], conditional: false },
  'two-001 changed': { id: 'two-001', actions: ['iam:CreateAccessKey'], conditional: true },
  'three-001': { id: 'three-001', actions: ['sts:AssumeRole'], conditional: true },
};

function edition(t: TestContext, files: Readonly<Record<string, unknown>>): string {
  const directory = mkdtempSync(join(tmpdir(), 'detrails-edition-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(files)) {
    writeFileSync(join(directory, name), JSON.stringify(content));
  }
  return directory;
}

const actions = (names: string, levels: string, retired?: string): unknown => ({
  services: { s3: { names, levels, ...(retired !== undefined && { retired }) } },
});

describe('the report of a data refresh', () => {
  it('names what was added, removed and changed, and stops at a lost escalation path', (t) => {
    const before = edition(t, {
      'privilege-escalation.json': { paths: [PATHS['one-001'], PATHS['two-001']] },
    });
    const after = edition(t, {
      'privilege-escalation.json': { paths: [PATHS['two-001 changed'], PATHS['three-001']] },
    });

    const { text, faults } = diffReport(before, after, projectRoot());

    assert.match(text, /1 added:\n\n- `three-001` sts:AssumeRole \(conditional\)/);
    assert.match(text, /1 removed:\n\n- `one-001` ec2:RunInstances \+ iam:PassRole/);
    assert.match(
      text,
      /1 changed:\n\n- `two-001` iam:CreateAccessKey -> iam:CreateAccessKey \(conditional\)/,
    );
    assert.deepEqual(faults, [
      'Privilege-escalation paths: 1 of 2 removed, at most 0 may be',
      'Privilege-escalation paths: 1 of 2 changed, at most 0 may be',
    ]);
  });

  it('says levels of actions by name', (t) => {
    const before = edition(t, { 'actions.json': actions('GetObject PutObject', 'RW') });
    const after = edition(t, { 'actions.json': actions('GetObject PutObject', 'RP') });

    assert.match(
      diffReport(before, after, projectRoot()).text,
      /`s3:PutObject` Write -> Permissions management/,
    );
  });

  it('says techniques, mapped events and managed policies', (t) => {
    const technique = { id: 'T1098', confidence: 'high' };
    const before = edition(t, {
      'techniques.json': {
        techniques: { T1098: { name: 'Account Manipulation', tactics: ['persistence'] } },
      },
      'attack.json': { events: { 'iam.amazonaws.com': { CreateUser: { techniques: [] } } } },
      'managed-policies.json': { policies: { ReadOnlyAccess: ['v1', {}] } },
    });
    const after = edition(t, {
      'techniques.json': {
        techniques: {
          T1098: { name: 'Account Manipulation', tactics: ['persistence', 'privilege-escalation'] },
        },
      },
      'attack.json': { events: { 'iam.amazonaws.com': { CreateUser: { techniques: [technique] } } } },
      'managed-policies.json': { policies: { ReadOnlyAccess: ['v2', {}] } },
    });

    const { text } = diffReport(before, after, projectRoot());

    assert.match(
      text,
      /`T1098` Account Manipulation: persistence -> Account Manipulation: persistence, privilege-escalation/,
    );
    assert.match(text, /`iam.amazonaws.com:CreateUser` none -> T1098 high/);
    assert.match(text, /`ReadOnlyAccess` v1 -> v2/);
  });

  it('stops when a file is gone, and names one that is new', (t) => {
    const file = { 'privilege-escalation.json': { paths: [PATHS['one-001']] } };
    const [full, empty] = [edition(t, file), edition(t, {})];

    assert.deepEqual(diffReport(full, empty, projectRoot()).faults, [
      'Privilege-escalation paths: privilege-escalation.json is gone',
    ]);
    assert.deepEqual(diffReport(empty, full, projectRoot()).faults, []);
    assert.match(diffReport(empty, full, projectRoot()).text, /privilege-escalation.json is new: 1/);
  });

  it('every kind is read from the data of today, which differs from itself in nothing', () => {
    const data = join(projectRoot(), 'data');

    const { text, faults } = diffReport(data, data, projectRoot());

    assert.deepEqual(faults, []);
    assert.doesNotMatch(text, /added|removed|changed/);
    for (const { title } of FACT_KINDS) {
      const [, count = '0'] = new RegExp(`## ${title}\n\n(\\d+) before`).exec(text) ?? [];
      assert.ok(Number(count) > 50, `${title}: ${count}`);
    }
  });

  it('compares revisions of git', (t) => {
    const root = mkdtempSync(join(tmpdir(), 'detrails-git-'));
    t.after(() => rmSync(root, { recursive: true, force: true }));
    const git = (...args: string[]): void => {
      const who = ['-c', 'user.name=test', '-c', 'user.email=test@example.com', '-c', 'commit.gpgsign=false'];
      execFileSync('git', [...who, ...args], { cwd: root, stdio: 'ignore' });
    };
    mkdirSync(join(root, 'data'));
    const write = (paths: readonly unknown[]): void =>
      writeFileSync(join(root, 'data/privilege-escalation.json'), JSON.stringify({ paths }));
    git('init', '-q');
    for (const paths of [[PATHS['one-001']], [PATHS['one-001'], PATHS['three-001']]]) {
      write(paths);
      git('add', '.');
      git('commit', '-qm', 'data');
    }

    const { text, faults } = diffReport('HEAD~1', 'HEAD', root);

    assert.match(text, /1 before, 2 now/);
    assert.match(text, /1 added:\n\n- `three-001`/);
    assert.deepEqual(faults, []);
    assert.throws(() => diffReport('--output=x', 'HEAD', root));
  });

  it('as a command it fails where it stops, unless somebody has looked', (t) => {
    const ending = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
    const script = fileURLToPath(new URL(`../../data/build/diff-report.${ending}`, import.meta.url));
    const before = edition(t, { 'privilege-escalation.json': { paths: [PATHS['one-001']] } });
    const after = edition(t, { 'privilege-escalation.json': { paths: [] } });
    const run = (...more: string[]): number | null =>
      spawnSync(process.execPath, [script, before, after, ...more], { stdio: 'ignore' }).status;

    assert.deepEqual([run(), run('--accept')], [1, 0]);
  });

  it('a guard lets through what a real refresh brings', () => {
    const [kind] = FACT_KINDS;
    assert.ok(kind !== undefined);
    const facts = (count: number): Map<string, string> =>
      new Map(Array.from({ length: count }, (_, index) => [`s3:A${index}`, 'Read']));

    assert.deepEqual(guardFaults(kind, compareFacts(facts(1000), facts(980))), []);
    assert.equal(guardFaults(kind, compareFacts(facts(1000), facts(979))).length, 1);
  });
});
