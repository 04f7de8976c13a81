import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Caller, callerOf } from '../../src/cloudtrail/caller.ts';
import { decode, runSlices } from '../../src/cloudtrail/decode.ts';
import { eventFromObject } from '../../src/cloudtrail/event.ts';
import type { JsonObject } from '../../src/cloudtrail/json.ts';
import { LIMITS } from '../helpers/decode-cases.ts';
import { readCases } from '../read-cases.ts';

for (const { name, why, input, expected } of readCases<JsonObject, Partial<Caller>>('caller.json')) {
  test(`reads the caller of ${name}`, () => {
    const { identity, ...read } = callerOf(input);
    const said = Object.fromEntries(Object.entries(read).filter(([, value]) => value !== undefined));

    assert.equal(identity, input);
    assert.deepEqual(said, expected, why);
    const asText = eventFromObject({ userIdentity: JSON.stringify(input) });
    assert.deepEqual(asText.caller, callerOf(input), 'an identity that a template made a text');
  });
}

test('every caller has the same members in the same order', () => {
  const some = Object.keys(callerOf({ sessionContext: { sourceIdentity: 'a' } }));

  assert.deepEqual(Object.keys(callerOf({ type: 'Root' })), some);
});

test('a record without an identity object has no caller', () => {
  for (const userIdentity of [undefined, null, 7, 'alice', [], '[]', '{'])
    assert.equal(eventFromObject({ userIdentity }).caller, undefined);
});

test('equal bytes give the identical caller, across bodies and in texts', () => {
  const identity = '{"type":"AssumedRole","sessionContext":{"sessionIssuer":{"arn":"a"}}}';
  for (const member of [identity, JSON.stringify(identity)]) {
    const [first, second] = [callerIn(member), callerIn(member)];

    assert.equal(first?.issuerArn, 'a');
    assert.equal(second, first);
  }
  assert.equal(callerIn(identity.replace('"a"', '"b"'))?.issuerArn, 'b');
});

function callerIn(userIdentity: string): Caller | undefined {
  const record = `{"eventSource":"s","eventName":"n","userIdentity":${userIdentity}}`;
  const decoded = runSlices(decode(Buffer.from(record), 'never', LIMITS));
  assert.ok(decoded.ok);
  return decoded.documents[0]?.entries[0]?.event?.caller;
}
