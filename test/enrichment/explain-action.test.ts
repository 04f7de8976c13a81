import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventFromObject } from '../../src/cloudtrail/event.ts';
import type { JsonObject } from '../../src/cloudtrail/json.ts';
import { explainAction } from '../../src/enrichment/explain-action.ts';
import { loadActions } from '../../src/knowledge/actions.ts';
import { readCases } from '../read-cases.ts';

const actions = loadActions();

for (const { name, why, input, expected } of readCases<JsonObject, JsonObject[]>('actions/explain.json')) {
  test(`explains ${name}`, () => {
    const { data, steps } = explainAction(eventFromObject(input), actions);

    assert.deepEqual(steps, expected, why);
    assert.equal(data, `actions ${actions.dataset.version} ${actions.dataset.hash}`);
  });
}

test('explains a hostile record briefly', () => {
  const huge = 'A'.repeat(1_000_000);

  const text = JSON.stringify(
    explainAction(eventFromObject({ eventSource: huge, eventName: huge, eventType: huge }), actions),
  );

  assert.ok(text.length < 2_000, `${text.length} characters`);
});
