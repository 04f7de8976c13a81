import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadActions } from '../../src/knowledge/actions.ts';
import { describeOperation, type OperationDescription } from '../../src/knowledge/describe-operation.ts';
import { readCases } from '../read-cases.ts';

const actions = loadActions();
type Input = { readonly service: string; readonly name: string };

for (const { name, why, input, expected } of readCases<Input, OperationDescription | null>(
  'actions/describe.json',
)) {
  test(`describes ${name}`, () => {
    assert.deepEqual(describeOperation(actions, input.service, input.name) ?? null, expected, why);
  });
}
