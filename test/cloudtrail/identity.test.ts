import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decode, runSlices } from '../../src/cloudtrail/decode.ts';
import type { Decoded } from '../../src/cloudtrail/decoded.ts';
import type { CloudTrailEvent } from '../../src/cloudtrail/event.ts';
import { identityAt, knownIdentity } from '../../src/cloudtrail/identity.ts';
import { JsonScanner } from '../../src/cloudtrail/json-scanner.ts';
import { LIMITS } from '../helpers/decode-cases.ts';

/** Recognizing an identity must change nothing but the time it takes. */

const SESSION =
  '{"type":"AssumedRole","principalId":"AROAEXAMPLE:i-1","arn":"arn:aws:sts::111122223333:assumed-role/a/i-1","accessKeyId":"ASIAEXAMPLE","sessionContext":{"sessionIssuer":{"arn":"arn:aws:iam::111122223333:role/a"},"attributes":{"creationDate":"2026-03-04T08:35:45Z"}}}';

function recordWith(userIdentity: string, more = ''): string {
  return `{"eventSource":"s","eventName":"n","userIdentity":${userIdentity},"eventTime":"2026-03-04T09:00:08Z"${more}}`;
}

function decodeNow(body: string | Buffer, limits = LIMITS): Decoded {
  return runSlices(decode(Buffer.from(body), 'never', limits));
}

function eventsOf(decoded: Decoded): (CloudTrailEvent | undefined)[] {
  assert.ok(decoded.ok);
  return decoded.documents.flatMap(({ entries }) => entries.map(({ event }) => event));
}

/** Decodes a record with the identity and reads it, which is when an identity becomes known. */
function makeKnown(identity: string): void {
  assert.deepEqual(eventsOf(decodeNow(recordWith(identity)))[0]?.userIdentity, JSON.parse(identity));
}

test('an identity that was read is recognized where its bytes lie again', () => {
  makeKnown(SESSION);
  const bytes = Buffer.from(`x${SESSION}${' '.repeat(80)}`);
  const scanner = new JsonScanner(bytes);

  const known = knownIdentity(scanner, 1);

  assert.equal(known?.length, SESSION.length);
  assert.equal(known?.depth, 3);
  assert.equal(identityAt(scanner, 1, 1 + SESSION.length), known);
  assert.equal(knownIdentity(scanner, 0), undefined);
});

test('an identity that differs from a known one in one byte is another', () => {
  for (let at = 0; at < SESSION.length; at++) {
    makeKnown(SESSION);
    const other = Buffer.from(recordWith(SESSION));
    const place = recordWith(SESSION).indexOf(SESSION) + at;
    other[place] = other[place] === 0x37 ? 0x38 : 0x37;
    const decoded = decodeNow(other);
    let parsed: { userIdentity?: unknown } | undefined;
    try {
      parsed = JSON.parse(other.toString());
    } catch {
      parsed = undefined;
    }

    assert.equal(decoded.ok, parsed !== undefined, other.toString());
    if (decoded.ok) assert.deepEqual(eventsOf(decoded)[0]?.userIdentity, parsed?.userIdentity);
  }
});

test('what follows a recognized identity must be JSON still', () => {
  makeKnown(SESSION);
  const head = `{"eventSource":"s","eventName":"n","userIdentity":${SESSION}`;
  for (const tail of [
    '',
    '}',
    '}}',
    ',',
    ',}',
    '"',
    '""',
    ':1}',
    ',"a":1}',
    '\\}',
    ' }',
    '\u0001}',
    '0}',
    ']',
  ]) {
    const body = `${head}${tail}`;
    const faulty = decodeNow(body);
    const isJson = tail === '}' || tail === ' }' || tail === ',"a":1}';

    assert.equal(faulty.ok, isJson, body);
    if (!faulty.ok) {
      const elsewhere = decodeNow(body.replace('AROAEXAMPLE', 'AROAEXAMPL3'));
      assert.deepEqual(faulty, elsewhere, 'and the fault is where it would be without');
    }
  }
});

test('the depth of a recognized identity counts as that of any other', () => {
  const deep = `{"type":"AssumedRole","principalId":"AROADEEP:session","sessionContext":${'{"a":'.repeat(20)}1${'}'.repeat(20)}}`;
  makeKnown(deep);
  for (const maxDepth of [20, 21, 22]) {
    const [event] = eventsOf(decodeNow(recordWith(deep), { ...LIMITS, maxDepth }));
    const [other] = eventsOf(decodeNow(recordWith(deep.replace('ROAD', 'ROAX')), { ...LIMITS, maxDepth }));

    assert.equal(event === undefined, other === undefined, `at most ${maxDepth}`);
  }
});

test('of two identities in one record the last counts, known or not', () => {
  makeKnown(SESSION);
  for (const last of ['null', '7', '"x"', '{"type":"Root"}', '[]', SESSION.replace('i-1', 'i-2'), SESSION]) {
    for (const first of [SESSION, '{}', 'null']) {
      const body = `{"eventSource":"s","eventName":"n","userIdentity":${first},"userIdentity":${last}}`;
      const parsed: unknown = JSON.parse(last);
      const [event] = eventsOf(decodeNow(body));

      assert.deepEqual(event?.member('userIdentity'), parsed, body);
    }
  }
});

test('a number or literal in the place of an identity is never taken for its beginning', () => {
  for (const long of ['1234567', 'true', '-0.00000001']) {
    assert.equal(eventsOf(decodeNow(recordWith(long)))[0]?.caller, undefined);
    for (const longer of [`${long}8`, `${long}x`]) {
      const body = recordWith(longer);
      const isJson = /^[-\d.]+$/.test(longer);
      assert.equal(decodeNow(body).ok, isJson, body);
    }
  }
});

test('records of a batch have their own identities, whatever was known before', () => {
  const identity = fc
    .tuple(
      fc.constantFrom('AROAA', 'AROAB'),
      fc.integer({ min: 0, max: 30 }),
      fc.constantFrom('', ',"invokedBy":"x"'),
    )
    .map(([id, session, more]) =>
      SESSION.replace('AROAEXAMPLE:i-1', `${id}:i-${session}`).replace(/}$/, `${more}}`),
    );
  const any = fc.oneof({ weight: 5, arbitrary: identity }, fc.constantFrom('{}', 'null', '{"type":"Root"}'));
  fc.assert(
    fc.property(fc.array(any, { maxLength: 20 }), (identities) => {
      const body = `{"Records":[${identities.map((text) => recordWith(text)).join(',')}]}`;
      for (const _time of [1, 2]) {
        const read = eventsOf(decodeNow(body)).map((event) => event?.member('userIdentity'));
        assert.deepEqual(
          read,
          identities.map((text) => JSON.parse(text) as unknown),
        );
      }
    }),
  );
});
