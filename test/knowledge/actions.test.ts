import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { test } from 'node:test';
import { ACCESS_LEVELS } from '../../src/enrichment/output.ts';
import {
  accessLevelOf,
  actionsFromFile,
  dependentsOf,
  highestLevel,
  loadActions,
} from '../../src/knowledge/actions.ts';
import { ACCESS_LEVEL_NAMES, type ActionsFile } from '../../src/knowledge/actions-file.ts';
import { dataPath } from '../../src/knowledge/data-file.ts';

const actions = loadActions();
const { catalog } = actions;

test('has the access levels of the output schema, in the same order', () => {
  assert.deepEqual(ACCESS_LEVEL_NAMES, ACCESS_LEVELS);
});

test('keeps the data file under 900 KB', (context) => {
  const { size } = statSync(dataPath('actions.json'));

  context.diagnostic(`data/actions.json: ${size} bytes, ${catalog.names.length} actions`);
  assert.ok(size < 900_000);
});

test('numbers actions by service, then by name, each service in one range', () => {
  let end = 0;
  let before = '';
  for (const [service, [first, last]] of catalog.services) {
    assert.ok(service > before && first === end && last > first, service);
    for (let id = first; id < last; id++) {
      const lower = catalog.lowerNames[id] ?? '';
      assert.ok(lower.startsWith(`${service}:`), lower);
      assert.ok(id === first || lower > (catalog.lowerNames[id - 1] ?? ''), lower);
      assert.equal(catalog.names[id]?.toLowerCase(), lower);
      assert.equal(catalog.idOf(lower), id);
    }
    before = service;
    end = last;
  }
  assert.equal(end, catalog.names.length);
  assert.equal(catalog.levels.length, end);
  assert.equal(catalog.restrictable.length, end);
  assert.equal(catalog.retired.length, end);
});

test('knows which actions can be limited to a resource and which are retired', () => {
  const flag = (flags: Uint8Array, name: string): number | undefined => flags[catalog.idOf(name) ?? -1];

  assert.equal(flag(catalog.restrictable, 's3:getobject'), 1);
  assert.equal(flag(catalog.restrictable, 's3:listallmybuckets'), 0);
  assert.equal(flag(catalog.retired, 's3:getobject'), 0);
  assert.equal(flag(catalog.retired, 'deepracer:createcar'), 1);
});

test('answers levels in any case, and nothing for what AWS does not list', () => {
  assert.equal(accessLevelOf(actions, 'IAM:createuser'), 'Write');
  assert.equal(accessLevelOf(actions, 'iam:Constructor'), undefined);
  assert.equal(accessLevelOf(actions, '__proto__'), undefined);
  assert.equal(highestLevel(actions, ['s3:GetObject', 'iam:CreatePolicyVersion']), 'Permissions management');
  assert.equal(highestLevel(actions, ['x:y']), undefined);
  assert.equal(highestLevel(actions, []), undefined);
});

test('knows dependent actions', () => {
  assert.ok(dependentsOf(actions, 'lambda:CreateFunction').includes('iam:PassRole'));
  assert.deepEqual(dependentsOf(actions, 'iam:CreateUser'), []);
  assert.deepEqual(dependentsOf(actions, 'constructor:name'), []);
  assert.deepEqual(dependentsOf(actions, 'lambda:toString'), []);
});

test('says which edition it is', () => {
  assert.match(actions.dataset.version, /^\d+\.\d+\.\d+$/);
  assert.match(actions.dataset.date, /^\d{4}-\d{2}-\d{2}$/);
  assert.match(actions.dataset.hash, /^[0-9a-f]{16}$/);
  assert.match(catalog.hash, /^[0-9a-f]{16}$/);
});

test('refuses a file of another format', () => {
  const file = { ...actions.tables, format: 2 } as unknown as ActionsFile;

  assert.throws(() => actionsFromFile(file), /format/);
});
