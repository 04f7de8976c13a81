import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventFromObject } from '../../../src/cloudtrail/event.ts';
import type { JsonObject } from '../../../src/cloudtrail/json.ts';
import { sharedAccounts } from '../../../src/enrichment/context/shared-accounts.ts';
import { SHARING_CALLS } from '../../../src/enrichment/context/sharing-calls.ts';
import { loadActions } from '../../../src/knowledge/actions.ts';
import { resolveOperation } from '../../../src/knowledge/resolve-operation.ts';
import { readCases } from '../../read-cases.ts';

for (const { name, why, input, expected } of readCases<JsonObject, readonly string[] | null>(
  'context/sharing.json',
)) {
  test(`names the accounts of ${name}`, () => {
    assert.deepEqual(sharedAccounts(eventFromObject(input)) ?? null, expected, why);
  });
}

test('every sharing call is an operation that AWS has', () => {
  const actions = loadActions();

  for (const [source, calls] of SHARING_CALLS) {
    for (const name of calls.keys()) {
      const { resolvedBy } = resolveOperation(actions, source.replace('.amazonaws.com', ''), name);
      assert.notEqual(resolvedBy, 'unknown', `${source} ${name}`);
    }
  }
});

test('a list of thousands is cut, and takes no account for what is none', () => {
  const principals = Array.from({ length: 100_000 }, (_, index) => String(100_000_000_000 + index));
  const event = eventFromObject({
    eventSource: 'ram.amazonaws.com',
    eventName: 'CreateResourceShare',
    requestParameters: { principals: ['all', 12, null, ...principals] },
  });

  const accounts = sharedAccounts(event) ?? [];

  assert.ok(accounts.length > 200 && accounts.length <= 256, String(accounts.length));
});
