import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventFromObject } from '../../src/cloudtrail/event.ts';
import type { JsonObject } from '../../src/cloudtrail/json.ts';
import { deniedAction, outcomeOf } from '../../src/enrichment/outcome.ts';
import { readCases } from '../read-cases.ts';

for (const { name, why, input, expected } of readCases<JsonObject, string>('actions/outcome.json')) {
  test(`tells the outcome of ${name}`, () => {
    assert.equal(outcomeOf(eventFromObject(input)), expected, why);
  });
}

for (const { name, why, input, expected } of readCases<string, string | null>(
  'actions/denied-message.json',
)) {
  test(`reads the refused action: ${name}`, () => {
    assert.equal(deniedAction(input) ?? null, expected, why);
  });
}

test('reads no message as no action', () => {
  assert.equal(deniedAction(undefined), undefined);
});

test('does not look for an action beyond the beginning of a message', () => {
  const message = `${'x'.repeat(1_000_000)} is not authorized to perform: iam:CreateUser`;

  assert.equal(deniedAction(message), undefined);
});
