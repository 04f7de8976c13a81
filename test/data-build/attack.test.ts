import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { problemsOf, unsafeExpression } from '../../data/build/attack/check.ts';
import { classifier } from '../../data/build/attack/classes.ts';
import { compileAttack, compileTechniques } from '../../data/build/attack/compile.ts';
import { readAttackSource } from '../../data/build/attack/read-source.ts';
import { hasPhrase, wordsOf } from '../../data/build/attack/words.ts';
import { loadActions } from '../../src/knowledge/actions.ts';
import { projectRoot } from '../shared.ts';

const source = readAttackSource(join(projectRoot(), 'data', 'build', 'attack'));
const actions = loadActions();

test('the committed files are what the source and the action data give', () => {
  const attack = compileAttack(source, actions);

  assert.deepEqual(readData('attack.json'), JSON.parse(JSON.stringify(attack)));
  assert.deepEqual(
    readData('techniques.json'),
    JSON.parse(JSON.stringify(compileTechniques(source, attack))),
  );
});

test('each of the 110 curated conditions stands where the ledger says', () => {
  const ledger = JSON.parse(
    readFileSync(join(projectRoot(), 'data', 'build', 'attack', 'conditions.json'), 'utf8'),
  ) as { n: number; event: string; technique: string; at: string }[];

  assert.deepEqual(
    ledger.map(({ n }) => n),
    Array.from({ length: 110 }, (_, n) => n),
  );
  for (const { n, event, technique, at } of ledger) {
    const [host = '', name = ''] = event.split(':');
    const rows = source.mapping.get(host.replace('.amazonaws.com', ''))?.[name]?.techniques ?? [];
    const row = rows.find(({ id }) => id === technique);
    assert.ok(row !== undefined, `${n} ${event}`);
    if (at !== 'base') assert.ok(row[at as 'when' | 'raise' | 'lower'] !== undefined, `${n} ${event} ${at}`);
  }
});

test('accepts expressions that are anchored and bounded, and no others', () => {
  const safe = ['^abc$', '^[a-z]{1,9}\\.amazonaws\\.com$', '^(?:p[2-9]|inf)[a-z0-9-]{0,12}$'];
  const unsafe = [
    'abc',
    '^abc',
    '^a*$',
    '^a+$',
    '^a{1,}$',
    '^(a{1,9}){1,9}$',
    '^(?=a)a$',
    '^(a)\\1$',
    `^${'a'.repeat(200)}$`,
  ];

  for (const expression of safe) assert.equal(unsafeExpression(expression), undefined, expression);
  for (const expression of unsafe) assert.notEqual(unsafeExpression(expression), undefined, expression);
});

test('refuses revoked techniques, foreign tactics, unknown operators and unsafe expressions', () => {
  const bad = [
    { id: 'T1562.008', confidence: 'low' as const },
    { id: 'T9999', confidence: 'low' as const },
    { id: 'T1685', confidence: 'low' as const, tactics: ['impact'] },
    {
      id: 'T1685',
      confidence: 'low' as const,
      when: [{ path: 'userAgent', op: 'matches' as const, value: '(a+)+' }],
    },
    { id: 'T1685', confidence: 'low' as const, when: [{ path: 'userAgent', op: 'in' as const, value: 'x' }] },
    { id: 'T1685', confidence: 'low' as const, reason: 'Not a code' },
  ];
  for (const row of bad)
    assert.notDeepEqual(problemsOf('x', row, source.techniques), [], JSON.stringify(row));
});

test('takes a name apart as AWS put it together', () => {
  assert.deepEqual(wordsOf('DeleteDBClusterSnapshot'), ['Delete', 'DB', 'Cluster', 'Snapshot']);
  assert.deepEqual(wordsOf('UploadSSHPublicKey'), ['Upload', 'SSH', 'Public', 'Key']);
  assert.ok(hasPhrase(wordsOf('DeleteDBClusterSnapshot'), 'Cluster Snapshot'));
  assert.ok(!hasPhrase(wordsOf('CreateApiKeyring'), 'Api Key'));
});

test('classifies by level, service, verb and words, never by a list of names', () => {
  const classify = classifier(source.classes);
  const write = (prefix: string, name: string, dependents: string[] = []) =>
    classify({ prefix, name, level: 'Write', dependents })?.id;

  assert.equal(write('guardduty', 'DeleteSomethingNew'), 'impair_security_service');
  assert.equal(write('cloudtrail', 'StopSomethingNew'), 'impair_logging_service');
  assert.equal(write('newservice', 'PutResourcePolicy'), 'resource_policy');
  assert.equal(write('newservice', 'CreateApiKey'), 'create_credentials');
  assert.equal(write('newservice', 'CreateRunner', ['iam:PassRole']), 'compute_with_role');
  assert.equal(write('newservice', 'CreateRunner'), undefined);
  assert.equal(classify({ prefix: 'guardduty', name: 'DeleteX', level: 'Read', dependents: [] }), undefined);
});

test('every operation that can reach threat.* says why in the source', () => {
  for (const [label, rows] of source.mapping) {
    for (const [name, { access, techniques = [], why }] of Object.entries(rows)) {
      const reaches = techniques.some(({ confidence, raise = [] }) =>
        [confidence, ...raise.map(({ to }) => to)].some((each) => each === 'medium' || each === 'high'),
      );
      assert.ok(!reaches || access === 'read' || why !== undefined, `${label}:${name}`);
    }
  }
});

function readData(name: string): unknown {
  return JSON.parse(readFileSync(join(projectRoot(), 'data', name), 'utf8'));
}
