import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventFromObject } from '../../src/cloudtrail/event.ts';
import type { JsonObject } from '../../src/cloudtrail/json.ts';
import { enrichAction } from '../../src/enrichment/action.ts';
import { describeOperationAttack, explainAttack } from '../../src/enrichment/attack/explain.ts';
import { presentAttack } from '../../src/enrichment/attack/present.ts';
import { enrichAttack } from '../../src/enrichment/attack.ts';
import {
  type AttackEnrichment,
  attackSchema,
  type TechniqueEnrichment,
} from '../../src/enrichment/output.ts';
import { loadActions } from '../../src/knowledge/actions.ts';
import { loadAttack } from '../../src/knowledge/attack.ts';
import { readCases } from '../read-cases.ts';

const actions = loadActions();
const attack = loadAttack('19.1');

function enrich(record: JsonObject, knowledge = attack): AttackEnrichment | undefined {
  const event = eventFromObject(record);
  return enrichAttack(event, enrichAction(event, actions), knowledge);
}

function techniqueOf(record: JsonObject, id: string): TechniqueEnrichment | undefined {
  return enrich(record)?.techniques?.find((technique) => technique.id === id);
}

type ConditionExpected = {
  readonly id?: string;
  readonly absent?: string;
  readonly confidence?: string;
  readonly reason?: string;
  readonly without_reason?: string;
  readonly attempt?: boolean;
};

for (const { name, why, input, expected } of readCases<JsonObject, ConditionExpected>(
  'attack/conditions.json',
)) {
  test(name, () => {
    const verdict = enrich(input);

    if (verdict !== undefined) attackSchema.parse(verdict);
    if (expected.absent !== undefined) {
      assert.equal(techniqueOf(input, expected.absent), undefined, why);
      return;
    }
    const technique = techniqueOf(input, expected.id ?? '');
    assert.equal(technique?.confidence, expected.confidence, why);
    if (expected.reason !== undefined) assert.ok(technique?.reasons?.includes(expected.reason), why);
    if (expected.without_reason !== undefined)
      assert.ok(technique?.reasons?.includes(expected.without_reason) !== true, why);
    assert.equal(technique?.attempt, expected.attempt, why);
  });
}

test('the cases cover every curated condition twice: once it holds, once it does not', () => {
  const cases = readCases<JsonObject, ConditionExpected>('attack/conditions.json') as unknown as {
    condition: number;
    holds: boolean;
  }[];
  for (let n = 0; n < 110; n++) {
    const own = cases.filter(({ condition }) => condition === n).map(({ holds }) => holds);
    assert.deepEqual(own.sort(), [false, true], `condition ${n}`);
  }
});

type GateExpected = { readonly [id: string]: { [field: string]: unknown } | null } | null;

for (const { name, why, input, expected } of readCases<JsonObject, GateExpected>('attack/gates.json')) {
  test(name, () => {
    const verdict = enrich(input);

    if (expected === null) {
      assert.equal(verdict, undefined, why);
      return;
    }
    for (const [id, fields] of Object.entries(expected)) {
      const technique: JsonObject | undefined = techniqueOf(input, id);
      assert.equal(technique === undefined, fields === null, `${id}: ${why}`);
      for (const [field, value] of Object.entries(fields ?? {}))
        assert.deepEqual(technique?.[field] ?? null, value, `${id}.${field}: ${why}`);
    }
  });
}

type ErrorExpected = {
  readonly not_mapped?: boolean;
  readonly mapped_instead?: string;
  readonly techniques?: string[];
};

for (const { name, why, input, expected } of readCases<JsonObject, ErrorExpected>(
  'attack/source-errors.json',
)) {
  test(`does not repeat the error of ${name}`, () => {
    const source = String(input['eventSource']);
    const operation = String(input['eventName']);

    if (expected.techniques !== undefined) {
      assert.deepEqual(
        enrich(input)?.techniques?.map(({ id }) => id),
        expected.techniques,
        why,
      );
      return;
    }
    const entry = attack.events.get(source)?.get(operation);
    assert.ok(entry === undefined || entry.classId !== undefined, why);
    const confidences = enrich(input)?.techniques?.map(({ confidence }) => confidence) ?? [];
    assert.ok(
      confidences.every((confidence) => confidence === 'derived'),
      why,
    );
    const [rightSource = '', rightName = ''] = expected.mapped_instead?.split(':') ?? [];
    if (rightSource !== '')
      assert.notEqual(attack.events.get(rightSource)?.get(rightName)?.techniques.length, undefined, why);
  });
}

const STOP_LOGGING: JsonObject = {
  eventSource: 'cloudtrail.amazonaws.com',
  eventName: 'StopLogging',
  userIdentity: { type: 'IAMUser', userName: 'alice' },
};

test('returns the same frozen object for the same verdict, also where conditions decide', () => {
  const opened = (range: string): JsonObject => ({
    eventSource: 'ec2.amazonaws.com',
    eventName: 'AuthorizeSecurityGroupIngress',
    requestParameters: { cidrIp: range, fromPort: 443, toPort: 443 },
  });

  assert.equal(enrich({ ...STOP_LOGGING }), enrich(STOP_LOGGING));
  assert.equal(enrich(opened('10.0.0.0/8')), enrich(opened('10.1.0.0/16')));
  assert.notEqual(enrich(opened('10.0.0.0/8')), enrich(opened('0.0.0.0/0')));
  const verdict = enrich(STOP_LOGGING);
  assert.ok(Object.isFrozen(verdict));
  assert.ok(verdict?.techniques?.every((technique) => Object.isFrozen(technique)));
});

test('tells the same mapping in the ids and tactics of release 18.1', () => {
  const verdict = enrich(STOP_LOGGING, loadAttack('18.1'));

  assert.equal(verdict?.version, '18.1');
  const [technique] = verdict?.techniques ?? [];
  assert.equal(technique?.id, 'T1562.008');
  assert.equal(technique?.name, 'Disable or Modify Cloud Logs');
  assert.deepEqual(technique?.tactics, ['defense-evasion']);
});

test('shows evidence in profile full only, and ecs exactly when asked', () => {
  const verdict = enrich(STOP_LOGGING);
  assert.ok(verdict !== undefined);

  const standard = presentAttack(verdict, { withEvidence: false, ecs: true });
  const full = presentAttack(verdict, { withEvidence: true, ecs: true });

  assert.equal(standard.ecs, true);
  assert.equal(standard.techniques?.[0]?.evidence, undefined);
  assert.ok((full.techniques?.[0]?.evidence?.length ?? 0) > 5);
  assert.equal(presentAttack(verdict, { withEvidence: true, ecs: false }), verdict);
  assert.equal(presentAttack(verdict, { withEvidence: false, ecs: true }), standard);
  attackSchema.parse(standard);
});

test('explains which tests held and which did not, without the values of the record', () => {
  const record: JsonObject = {
    eventSource: 'guardduty.amazonaws.com',
    eventName: 'UpdateDetector',
    requestParameters: { enable: true, detectorId: 'secret-id' },
  };
  const event = eventFromObject(record);

  const explanation = explainAttack(event, enrichAction(event, actions), attack);

  assert.equal(explanation?.mapping, 'reviewed');
  assert.equal(explanation?.techniques[0]?.claimed, false);
  assert.deepEqual(explanation?.techniques[0]?.when, [
    { test: 'requestParameters.enable equals false', held: false },
  ]);
  assert.ok(!JSON.stringify(explanation).includes('secret-id'));
});

test('describes what an operation may be, by label, host or class', () => {
  const byLabel = describeOperationAttack(attack, actions, 'iam', 'AttachUserPolicy');
  const byHost = describeOperationAttack(attack, actions, 'iam.amazonaws.com', 'AttachUserPolicy');
  const byClass = describeOperationAttack(attack, actions, 'detective', 'DeleteGraph');

  assert.deepEqual(byLabel, byHost);
  assert.deepEqual(
    byLabel?.techniques.map(({ id }) => id),
    ['T1098.003', 'T1552'],
  );
  assert.deepEqual(byLabel?.techniques[0]?.raised_by, ['admin_policy']);
  assert.equal(byClass?.mapping, 'class:impair_security_service');
  assert.equal(describeOperationAttack(attack, actions, 'ec2', 'CreateTags'), undefined);
});
