import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { eventFromObject } from '../../src/cloudtrail/event.ts';
import type { JsonObject } from '../../src/cloudtrail/json.ts';
import { sessionNetworkOptions } from '../../src/context/session-networks.ts';
import { buildSnapshot } from '../../src/context/snapshot.ts';
import { enrichContext } from '../../src/enrichment/context.ts';
import { contextSchema } from '../../src/enrichment/output.ts';
import { bareParts, companySnapshot, partsWithNetworkFacts } from '../context/fixtures.ts';
import { readCases } from '../read-cases.ts';

type Input = { readonly event: JsonObject; readonly foreign?: readonly string[]; readonly facts?: boolean };

const company = companySnapshot();
const withFacts = buildSnapshot(partsWithNetworkFacts());
const bare = buildSnapshot(bareParts());

for (const { name, why, input, expected } of readCases<Input, object | null>('context/events.json')) {
  test(`names ${name}`, () => {
    const snapshot = input.facts === true ? withFacts : company;

    const context = enrichContext(eventFromObject(input.event), snapshot, input.foreign);

    assert.deepEqual(context ?? null, expected, why);
    if (context !== undefined) contextSchema.parse(context);
  });
}

const call = (accountId: string, source = '198.51.100.7'): JsonObject => ({
  sourceIPAddress: source,
  recipientAccountId: accountId,
  userIdentity: { accountId, arn: `arn:aws:iam::${accountId}:user/mara` },
});

test('without any configuration nothing is said of accounts nobody lists', () => {
  assert.equal(enrichContext(eventFromObject(call('111122223333')), bare), undefined);
});

test('without any configuration a known vendor is still named', () => {
  const context = enrichContext(eventFromObject(call('464622532012')), bare);

  assert.deepEqual(context, {
    account: { id: '464622532012', relation: 'vendor', vendor: 'Datadog' },
    vendor: 'Datadog',
  });
});

test('without the bundled list a vendor is unknown', () => {
  const snapshot = buildSnapshot({ ...bareParts(), vendors: new Map() });
  const event = eventFromObject({});

  assert.deepEqual(enrichContext(event, snapshot, ['464622532012'])?.foreign_accounts, [
    { id: '464622532012', relation: 'unknown' },
  ]);
});

test('equal answers are the same frozen object', () => {
  const first = enrichContext(eventFromObject(call('111122223333')), company);

  assert.equal(enrichContext(eventFromObject(call('111122223333')), company), first);
  assert.ok(Object.isFrozen(first));
});

test('the unknown are not pushed out of the list by the known', () => {
  const friends = Array.from({ length: 80 }, (_, index) => String(100_000_000_000 + index));
  const snapshot = buildSnapshot({ ...bareParts(), vendors: new Map(friends.map((id) => [id, 'Friend'])) });

  const context = enrichContext(eventFromObject({}), snapshot, [...friends, '999999999999']);

  assert.equal(context?.foreign_accounts?.length, 50);
  assert.equal(context?.foreign_accounts?.[0]?.id, '999999999999');
});

test('more events than are remembered are answered all the same', () => {
  for (let index = 0; index < 40_000; index += 1) {
    const source = `10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`;
    const id = String(200_000_000_000 + index);
    const context = enrichContext(eventFromObject(call(id, source)), company);
    assert.equal(context?.account?.id, id);
  }
});

test('answers sessions about networks', () => {
  const networks = sessionNetworkOptions(withFacts);

  assert.equal(networks.trustedNetwork('198.51.100.7'), true);
  assert.equal(networks.trustedNetwork('198.51.100.200'), false);
  assert.equal(networks.trustedNetwork('AWS Internal'), false);
  assert.equal(networks.asn('192.0.2.1'), 64_496);
  assert.equal(networks.awsNetwork('192.0.2.1'), true);
  assert.equal(networks.awsNetwork('203.0.113.1'), false);
  assert.equal(networks.awsNetwork('AWS Internal'), undefined);
  assert.equal(sessionNetworkOptions(company).awsNetwork('192.0.2.1'), undefined);
});

test('no record makes it throw, and every answer fits the schema', () => {
  const member = fc.constantFrom(
    'accountId',
    'arn',
    'sessionContext',
    'sessionIssuer',
    'roleArn',
    '__proto__',
    'x',
  );
  const value = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.string(),
      fc.constantFrom('111122223333', '198.51.100.7', '::1', 'arn:aws:iam::111122223333:role/BreakGlass'),
      fc.constant(null),
      fc.integer(),
      fc.dictionary(member, tie('value')),
    ),
  })).value;
  const record = fc.dictionary(
    fc.constantFrom(
      'userIdentity',
      'sourceIPAddress',
      'recipientAccountId',
      'requestParameters',
      'eventName',
    ),
    value,
  );
  fc.assert(
    fc.property(record, fc.array(fc.string()), (fields, foreign) => {
      const context = enrichContext(eventFromObject(fields as JsonObject), withFacts, foreign);

      if (context !== undefined) contextSchema.parse(context);
    }),
  );
});
