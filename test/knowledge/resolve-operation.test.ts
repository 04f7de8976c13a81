import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadActions } from '../../src/knowledge/actions.ts';
import type { Operation } from '../../src/knowledge/operation.ts';
import { OperationCache } from '../../src/knowledge/operation-cache.ts';
import { resolveOperation, serviceLabel, stripApiDate } from '../../src/knowledge/resolve-operation.ts';
import { readCases } from '../read-cases.ts';

const actions = loadActions();

for (const { name, why, input, expected } of readCases<string, string>('actions/api-date.json')) {
  test(`strips an API date: ${name}`, () => assert.equal(stripApiDate(input), expected, why));
}

for (const { name, why, input, expected } of readCases<string, string>('actions/service-label.json')) {
  test(`reads the label of a host: ${name}`, () => assert.equal(serviceLabel(input), expected, why));
}

test('gives an operation the names by which other data know it', () => {
  const operation = resolveOperation(actions, 'lambda.amazonaws.com.cn', 'CreateFunction20150331');

  assert.equal(operation.source, 'lambda.amazonaws.com');
  assert.equal(operation.service, 'lambda');
  assert.equal(operation.name, 'CreateFunction');
});

test('answers a repeated question with the same frozen object', () => {
  const operation = resolveOperation(actions, 's3.amazonaws.com', 'CopyObject');

  assert.equal(resolveOperation(actions, 's3.amazonaws.com', 'CopyObject'), operation);
  assert.ok(
    Object.isFrozen(operation) && Object.isFrozen(operation.iam) && Object.isFrozen(operation.conditional),
  );
});

test('never lists an action twice', () => {
  for (const tables of [actions.tables.events, actions.tables.any]) {
    for (const [service, rows] of Object.entries(tables)) {
      for (const name of Object.keys(rows)) {
        const { iam, conditional } = resolveOperation(actions, `${service}.amazonaws.com`, name);
        const all = [...iam, ...conditional];
        assert.equal(new Set(all).size, all.length, `${service}:${name}`);
      }
    }
  }
});

test('knows a level for every action of every exception', () => {
  for (const [service, rows] of Object.entries(actions.tables.events)) {
    for (const name of Object.keys(rows)) {
      const operation = resolveOperation(actions, `${service}.amazonaws.com`, name);
      assert.equal(operation.resolvedBy, 'exception');
      assert.ok(operation.level, `${service}:${name}`);
    }
  }
});

test('remembers what is in use through a flood of invented names', () => {
  const cache = new OperationCache();
  const used = operationNamed('used');
  cache.set('s', 'used', used);
  cache.set('s', 'idle', operationNamed('idle'));

  for (let i = 0; i < 50_000; i++) {
    cache.set('s', `invented${i}`, operationNamed('x'));
    if (i % 1000 === 0) assert.equal(cache.get('s', 'used'), used);
  }

  assert.equal(cache.get('s', 'used'), used);
  assert.equal(cache.get('s', 'idle'), undefined);
  assert.equal(cache.get('s', 'invented0'), undefined);
  assert.ok(cache.size <= 2 * 8192, `${cache.size} entries`);
});

function operationNamed(name: string): Operation {
  return { ...resolveOperation(actions, 's3.amazonaws.com', 'CopyObject'), name };
}
