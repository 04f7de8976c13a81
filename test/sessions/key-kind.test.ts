import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventFromObject } from '../../src/cloudtrail/event.ts';
import type { JsonObject } from '../../src/cloudtrail/json.ts';
import { type KeyKind, observeKeyKind } from '../../src/sessions/key-kind.ts';
import { observeSession } from '../../src/sessions/observe.ts';
import { readCases } from '../read-cases.ts';

for (const { name, why, input, expected } of readCases<JsonObject, KeyKind | null>(
  'sessions/key-kinds.json',
)) {
  test(`reads ${expected ?? 'nothing'} from ${name}`, () => {
    const event = eventFromObject(input);

    const use = observeKeyKind(event, observeSession(event));

    assert.equal(use?.kind ?? null, expected, why);
  });
}

test('a user and its successor of the same name are two principals, and no id is stored', () => {
  const [one, other] = ['AIDAEXAMPLE0000000001', 'AIDAEXAMPLE0000000002'].map((principalId) => {
    const event = eventFromObject({
      eventTime: '2024-05-06T09:00:00Z',
      userIdentity: { type: 'IAMUser', userName: 'mara', principalId, accessKeyId: 'AKIAEXAMPLE000000001' },
    });
    return observeKeyKind(event, observeSession(event))?.principal;
  });

  assert.match(one ?? '', /^principal:[A-Za-z0-9_-]{22}$/);
  assert.notEqual(one, other);
});
