import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readArray, readBoolean, readMember, readObject, readString } from '../../src/cloudtrail/json.ts';
import { readCases } from '../read-cases.ts';

type Readings = { string?: string; boolean?: boolean; object?: object; array?: unknown[] };

for (const { name, why, input, expected } of readCases<string, Readings>('json-readers.json')) {
  test(`reads ${name} only as what it is`, () => {
    const holder: unknown = { member: JSON.parse(input) };

    assert.equal(readString(holder, 'member'), expected.string, why);
    assert.equal(readBoolean(holder, 'member'), expected.boolean, why);
    assert.deepEqual(readObject(holder, 'member'), expected.object, why);
    assert.deepEqual(readArray(holder, 'member'), expected.array, why);
  });
}

test('reads own members alone, whatever they are called', () => {
  const parsed: unknown = JSON.parse('{"__proto__":1,"constructor":2}');

  assert.equal(readMember(parsed, '__proto__'), 1);
  assert.equal(readMember(parsed, 'constructor'), 2);
  assert.equal(readMember(parsed, 'toString'), undefined);
  for (const nothing of [null, undefined, 'text', 7, ['a']])
    assert.equal(readMember(nothing, 'length'), undefined);
});
