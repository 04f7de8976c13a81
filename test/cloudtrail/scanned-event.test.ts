import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { decode, runSlices } from '../../src/cloudtrail/decode.ts';
import { type CloudTrailEvent, eventFromObject } from '../../src/cloudtrail/event.ts';
import { isObject, readMember } from '../../src/cloudtrail/json.ts';
import { MEMBERS } from '../../src/cloudtrail/member-names.ts';
import { recordText } from '../helpers/arbitrary-json.ts';
import { LIMITS } from '../helpers/decode-cases.ts';
import { sharedPath } from '../shared.ts';

/** Properties of {@link CloudTrailEvent}, then names of members that have none. */
const PROPERTIES = Object.keys(eventFromObject({})).filter(
  (name) => name !== 'member' && name !== 'requestParameter',
) as (keyof CloudTrailEvent)[];
const NAMES = [...MEMBERS, '__proto__', 'constructor', 'toString', 'a', 'é', 'k', 'serviceEventDetails'];

/** Everything that can be read of an event. Twice, because what was read once is remembered. */
function reading(event: CloudTrailEvent): unknown {
  const read = () => [
    PROPERTIES.map((name) => [name, event[name]]),
    NAMES.map((name) => [name, event.member(name)]),
  ];
  const first = read();
  assert.deepEqual(read(), first, 'reading again reads the same');
  return first;
}

function assertReadsAsParsed(text: string): void {
  const decoded = runSlices(decode(Buffer.from(text), 'never', LIMITS));
  assert.ok(decoded.ok, text);
  const event = decoded.documents[0]?.entries[0]?.event;
  const parsed: unknown = JSON.parse(text);
  assert.ok(event !== undefined && isObject(parsed), text);

  assert.deepEqual(reading(event), reading(eventFromObject(parsed)), text);
}

/** Members that have properties, with values of right and wrong types. */
const member = fc
  .tuple(
    fc.constantFrom(
      ...MEMBERS.filter((name) => name !== 'UID' && name !== 'eventSource' && name !== 'eventName'),
    ),
    fc.oneof(
      fc.constantFrom(
        'true',
        '"True"',
        '"FALSE"',
        'false',
        '"maybe"',
        'null',
        '""',
        '"%{[x]}"',
        '"%{x"',
        '7',
        '[]',
      ),
      fc.constantFrom(
        '{}',
        '"{\\"a\\":1}"',
        '" {}"',
        '"{"',
        '"[1]"',
        '{"__proto__":{"a":1}}',
        '"caf\\u00e9"',
        '"café"',
      ),
      fc.string({ unit: 'binary', maxLength: 700 }).map((text) => JSON.stringify(text)),
      fc.jsonValue({ maxDepth: 2 }).map((value) => JSON.stringify(value)),
    ),
  )
  .map(([name, text]) => `"${name}":${text}`);

test('reads members as if the record had been parsed, right types and wrong ones', () => {
  fc.assert(
    fc.property(fc.array(member, { maxLength: 12 }), (members) => {
      assertReadsAsParsed(`{${['"eventSource":"a","eventName":"b"', ...members].join(', ')}}`);
    }),
    { numRuns: 1000 },
  );
});

test('reads odd records as if they had been parsed', () => {
  fc.assert(fc.property(recordText, assertReadsAsParsed));
});

const PARAMETERS = ['key', 'k', '', '__proto__', 'versionId', 'a b', 'caf', 'bucketName'];

/** A parameter: names plain, escaped, of other scripts; values of every kind. */
const parameter = fc
  .tuple(
    fc.oneof(
      fc.constantFrom(...PARAMETERS).map((name) => JSON.stringify(name)),
      fc.constantFrom('"\\u006bey"', '"café"', '"\\"key"', '"key\\\\"'),
    ),
    fc.constantFrom('', ' ', '\n\t'),
    fc.oneof(
      fc.jsonValue({ maxDepth: 3 }).map((value) => JSON.stringify(value)),
      fc.string({ unit: 'binary', maxLength: 40 }).map((text) => JSON.stringify(text)),
      fc.constantFrom('"{\\"key\\":1}"', '{"key":{"key":"inner"}}', '[{"key":2},[]]', '{}', '-1.5e3'),
    ),
  )
  .map(([name, space, value]) => `${space}${name}${space}:${space}${value}${space}`);

test('reads one parameter of a request as if all had been parsed', () => {
  const wrapped = fc.constantFrom(
    (text: string) => text,
    (text: string) => JSON.stringify(text),
    () => 'null',
  );
  fc.assert(
    fc.property(fc.array(parameter, { maxLength: 6 }), wrapped, (members, wrap) => {
      const request = wrap(`{${members.join(',')}}`);
      const text = `{"eventSource":"a","eventName":"b","requestParameters":${request}}`;
      const decoded = runSlices(decode(Buffer.from(text), 'never', LIMITS));
      const event = decoded.ok ? decoded.documents[0]?.entries[0]?.event : undefined;
      assert.ok(event !== undefined, text);
      const expected = eventFromObject(JSON.parse(text));

      for (const name of [...PARAMETERS, 'key']) {
        const value = readMember(expected.requestParameters, name);
        assert.deepEqual(event.requestParameter(name), value, text);
        assert.deepEqual(event.requestParameter(name), value, 'again');
        assert.deepEqual(expected.requestParameter(name), value);
      }
      assert.deepEqual(event.requestParameters, expected.requestParameters);
      assert.deepEqual(event.requestParameter('key'), readMember(expected.requestParameters, 'key'));
    }),
    { numRuns: 2000 },
  );
});

const invictus = sharedPath('corpora/invictus.jsonl');

test('reads real records as if they had been parsed', {
  skip: invictus === undefined && 'shared/ is not here',
}, () => {
  const lines = readFileSync(invictus ?? '', 'utf8')
    .trimEnd()
    .split('\n');

  for (const line of lines) assertReadsAsParsed(line);
});
