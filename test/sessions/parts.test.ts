import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { eventFromObject } from '../../src/cloudtrail/event.ts';
import { agentFamily } from '../../src/sessions/agent-family.ts';
import { canonicalTime, secondsBetween } from '../../src/sessions/event-time.ts';
import { observeSession } from '../../src/sessions/observe.ts';
import { decodeOrigin, encodeOrigin } from '../../src/sessions/origin.ts';
import { keyRecordKey, workloadRecordKey } from '../../src/sessions/record-key.ts';
import { countDistinct, shortHash } from '../../src/sessions/short-hash.ts';
import { readCases } from '../read-cases.ts';

for (const { name, input, expected } of readCases<string, string | null>('sessions/times.json')) {
  test(`time: ${name}`, () => {
    assert.equal(canonicalTime(input), expected ?? undefined);
  });
}

test('seconds between two times cross days and years', () => {
  assert.equal(secondsBetween('2023-12-31T23:59:59Z', '2024-01-01T00:00:01Z'), 2);
});

test('a user agent is known by its first product', () => {
  assert.equal(agentFamily('[aws-cli/2.2.16 Python/3.8.8]'), 'aws-cli');
  assert.equal(agentFamily('Boto3/1.34 md/Botocore'), 'boto3');
  assert.equal(agentFamily('stratus-red-team_54d79918-8729'), 'stratus-red-team');
  assert.equal(agentFamily('(unreadable'), 'unreadable');
  assert.equal(agentFamily('42'), 'unknown');
  assert.equal(agentFamily(`x${'y'.repeat(500)}`), `x${'y'.repeat(23)}`);
  assert.equal(agentFamily(undefined), 'unknown');
});

test('only temporary keys have a record, and it does not hold the key id', () => {
  const key = keyRecordKey('ASIAIOSFODNN7EXAMPLE');
  assert.match(key ?? '', /^key:[A-Za-z0-9_-]{22}$/);
  assert.doesNotMatch(key ?? '', /ASIA/);
  assert.notEqual(key, keyRecordKey('ASIAIOSFODNN7EXAMPLF'));
  for (const other of [
    'AKIAIOSFODNN7EXAMPLE',
    'ASIA****************',
    'ASIA',
    '',
    'A'.repeat(1000),
    undefined,
  ]) {
    assert.equal(keyRecordKey(other), undefined);
  }
});

test("instances, tasks and pods have a workload's record, people do not", () => {
  const role = 'AROAIOSFODNN7EXAMPLE';
  const pod = 'eks-prod-web-01234567-89ab-cdef-0123-456789abcdef';
  for (const name of ['i-0123456789abcdef0', 'i-01234567', '0123456789abcdef0123456789abcdef', pod]) {
    assert.match(workloadRecordKey(`${role}:${name}`, false) ?? '', /^workload:/, name);
  }
  for (const name of ['alice@example.com', 'i-xyz', 'fn-4a0e']) {
    assert.equal(workloadRecordKey(`${role}:${name}`, false), undefined, name);
  }
  assert.match(workloadRecordKey(`${role}:renamed`, true) ?? '', /^workload:/);
  assert.equal(workloadRecordKey('AROA****:i-0123456789abcdef0', false), undefined);
  assert.equal(workloadRecordKey(undefined, true), undefined);
});

test('an origin comes back as it was, without what no record may hold', () => {
  const text = fc.string({ minLength: 1, maxLength: 40 });
  const origin = fc.record(
    { source: text, principal: text, sessionName: text, mfa: fc.boolean(), parent: fc.constant('key:x') },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(origin, (value) => {
      const line = encodeOrigin(value);
      assert.doesNotMatch(line, /\n/);
      const back = decodeOrigin(line);
      assert.equal(back.mfa, value.mfa);
      assert.equal(back.parent, value.parent);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: what is left out
      const isKept = (part: string | undefined) => part !== undefined && !/[\u0000-\u001f]/.test(part);
      assert.equal(back.sessionName, isKept(value.sessionName) ? value.sessionName : undefined);
    }),
  );
  assert.equal(decodeOrigin(encodeOrigin({ role: 'x'.repeat(5000) })).role, undefined);
});

test('counts few members exactly and many closely', () => {
  const kept = (total: number) =>
    Array.from({ length: total }, (_, index) => shortHash(`event ${index}`))
      .sort()
      .slice(0, 64);
  assert.equal(countDistinct([], 64), 0);
  assert.equal(countDistinct(kept(63), 64), 63);
  const estimate = countDistinct(kept(5000), 64);
  assert.ok(estimate > 3500 && estimate < 7000, String(estimate));
});

test('any record is observed without harm', () => {
  fc.assert(
    fc.property(
      fc.dictionary(
        fc.constantFrom(
          'userIdentity',
          'eventName',
          'responseElements',
          'eventTime',
          'sourceIPAddress',
          '__proto__',
          'eventID',
          'requestParameters',
          'eventSource',
        ),
        fc.jsonValue(),
      ),
      (record) => {
        const observation = observeSession(eventFromObject(record as Record<string, unknown>));

        assert.ok(
          observation.notApplicable !== undefined ||
            observation.use !== undefined ||
            observation.issue !== undefined,
        );
      },
    ),
  );
});
