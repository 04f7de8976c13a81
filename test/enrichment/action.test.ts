import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { eventFromObject } from '../../src/cloudtrail/event.ts';
import type { JsonObject } from '../../src/cloudtrail/json.ts';
import { enrichAction } from '../../src/enrichment/action.ts';
import { type ActionEnrichment, actionSchema } from '../../src/enrichment/output.ts';
import { loadActions } from '../../src/knowledge/actions.ts';
import { readCases } from '../read-cases.ts';
import { sharedPath } from '../shared.ts';

const actions = loadActions();
const enrich = (record: JsonObject): ActionEnrichment => enrichAction(eventFromObject(record), actions);

for (const { name, why, input, expected } of readCases<JsonObject, JsonObject>('actions/enrich.json')) {
  test(`enriches ${name}`, () => {
    const verdict: JsonObject = { ...enrich(input) };

    actionSchema.parse(verdict);
    for (const [field, value] of Object.entries(expected)) {
      assert.deepEqual(verdict[field] ?? null, value, `${field}: ${why}`);
    }
  });
}

test('returns the same frozen object for the same verdict', () => {
  const denied = {
    eventSource: 'iam.amazonaws.com',
    eventName: 'CreateUser',
    errorCode: 'AccessDenied',
    errorMessage: 'User: u is not authorized to perform: iam:CreateUser on resource: r',
  };
  const records: JsonObject[] = [
    { eventSource: 'iam.amazonaws.com', eventName: 'CreateUser' },
    { eventSource: 'x.amazonaws.com', eventName: 'Unknown', readOnly: true },
    { eventSource: 'x.amazonaws.com', eventName: 'Unknown' },
    { eventSource: 'signin.amazonaws.com', eventName: 'ConsoleLogin', eventType: 'AwsConsoleSignIn' },
    denied,
  ];
  for (const record of records) {
    const first = enrich(record);
    assert.equal(enrich({ ...record }), first);
    assert.ok(Object.isFrozen(first));
    assert.ok(first.iam === undefined || Object.isFrozen(first.iam));
  }
});

test('gives the same answer for refusals beyond those it remembers', () => {
  const names = ['CreateUser', 'DeleteUser', 'PassRole', 'GetUser', 'ListUsers', 'TagUser', 'CreateUser'];
  for (const name of names) {
    const verdict = enrich({
      eventSource: 'iam.amazonaws.com',
      eventName: 'UpdateUser',
      errorCode: 'AccessDenied',
      errorMessage: `User: u is not authorized to perform: iam:${name} on resource: r`,
    });
    assert.deepEqual(verdict.iam, [`iam:${name}`]);
    assert.deepEqual(verdict.conditional, ['iam:UpdateUser']);
  }
});

test('answers hostile names without keeping them', () => {
  const huge = 'A'.repeat(1_000_000);
  const verdicts = [
    enrich({ eventSource: 's3.amazonaws.com', eventName: huge }),
    enrich({ eventSource: huge, eventName: 'GetObject' }),
    enrich({ eventSource: 's3.amazonaws.com', eventName: 'GetObject', errorCode: huge, errorMessage: huge }),
  ];

  assert.equal(verdicts[0]?.reason, 'the event source or name is longer than any AWS operation');
  assert.equal(verdicts[1], verdicts[0]);
  assert.equal(verdicts[2]?.outcome, 'failed');
});

test('answers every record of the Invictus data set with an action and a level, or says why not', {
  skip: sharedPath('corpora/invictus.jsonl') === undefined && 'shared/ is not here',
}, (context) => {
  const counts = new Map<string, number>();
  const lines = readFileSync(sharedPath('corpora/invictus.jsonl') ?? '', 'utf8')
    .split('\n')
    .filter(Boolean);
  const silent: string[] = [];

  for (const line of lines) {
    const record = JSON.parse(line) as JsonObject;
    const verdict = enrich(record);
    actionSchema.parse(verdict);
    counts.set(verdict.resolved_by, (counts.get(verdict.resolved_by) ?? 0) + 1);
    const isAnswered = verdict.iam !== undefined && verdict.access_level !== undefined;
    if (!isAnswered && verdict.reason === undefined) silent.push(`${record.eventSource}:${record.eventName}`);
  }

  context.diagnostic(`invictus: ${lines.length} records, ${JSON.stringify(Object.fromEntries(counts))}`);
  assert.deepEqual(silent, []);
});

type SeenPair = {
  readonly eventSource: string;
  readonly eventName: string;
  readonly eventTypes?: { readonly [type: string]: number };
  readonly readOnly?: { readonly [value: string]: number };
  readonly actions: readonly string[];
  readonly accessLevel: string | null;
  readonly invalidPair?: boolean;
};

test('answers at least 798 of the 799 operations seen in public records exactly', {
  skip: sharedPath('reference/actions/seen-pairs.json') === undefined && 'shared/ is not here',
}, (context) => {
  const text = readFileSync(sharedPath('reference/actions/seen-pairs.json') ?? '', 'utf8');
  const { pairs } = JSON.parse(text) as { pairs: readonly SeenPair[] };
  const valid = pairs.filter((pair) => pair.invalidPair !== true);

  const missed = valid.filter((pair) => !isExactly(pair, enrich(recordOf(pair))));

  const names = missed.map((pair) => `${pair.eventSource}:${pair.eventName}`).join(' ');
  context.diagnostic(`seen pairs: ${valid.length - missed.length} of ${valid.length}; missed: ${names}`);
  assert.equal(valid.length, 799);
  assert.ok(missed.length <= 1, names);
});

function recordOf(pair: SeenPair): JsonObject {
  return {
    eventSource: pair.eventSource,
    eventName: pair.eventName,
    eventType: mostFrequent(pair.eventTypes) ?? 'AwsApiCall',
    readOnly: mostFrequent(pair.readOnly),
  };
}

function mostFrequent(counts: { readonly [value: string]: number } | undefined): string | undefined {
  return Object.entries(counts ?? {}).sort((a, b) => b[1] - a[1])[0]?.[0];
}

function isExactly(pair: SeenPair, verdict: ActionEnrichment): boolean {
  if (verdict.resolved_by === 'inferred') return false;
  if (pair.actions.length === 0) {
    return verdict.resolved_by === 'none' && verdict.iam === undefined && verdict.reason !== undefined;
  }
  return verdict.iam?.join() === pair.actions.join() && verdict.access_level === pair.accessLevel;
}
