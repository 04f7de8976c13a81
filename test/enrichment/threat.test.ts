import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventFromObject } from '../../src/cloudtrail/event.ts';
import type { JsonObject } from '../../src/cloudtrail/json.ts';
import { enrichAction } from '../../src/enrichment/action.ts';
import { enrichAttack } from '../../src/enrichment/attack.ts';
import { type Threat, threatOf, threatSchema } from '../../src/enrichment/threat.ts';
import { loadActions } from '../../src/knowledge/actions.ts';
import { loadAttack } from '../../src/knowledge/attack.ts';

const actions = loadActions();
const newest = loadAttack('19.1');

function threatFor(record: JsonObject, knowledge = newest): Threat | undefined {
  const event = eventFromObject(record);
  const attack = enrichAttack(event, enrichAction(event, actions), knowledge);
  return attack === undefined ? undefined : threatOf(attack, knowledge);
}

const DELETE_TRAIL: JsonObject = { eventSource: 'cloudtrail.amazonaws.com', eventName: 'DeleteTrail' };

test('gives technique, sub-technique and tactic with their pages, as ECS has them', () => {
  const threat = threatFor(DELETE_TRAIL);

  assert.deepEqual(threat, {
    framework: 'MITRE ATT&CK',
    tactic: {
      id: ['TA0112'],
      name: ['Defense Impairment'],
      reference: ['https://attack.mitre.org/tactics/TA0112/'],
    },
    technique: {
      id: ['T1685'],
      name: ['Disable or Modify Tools'],
      reference: ['https://attack.mitre.org/techniques/T1685/'],
      subtechnique: {
        id: ['T1685.002'],
        name: ['Disable or Modify Cloud Log'],
        reference: ['https://attack.mitre.org/techniques/T1685/002/'],
      },
    },
  });
});

test('gives the ids and the tactic of release 18.1 when that is configured', () => {
  const threat = threatFor(DELETE_TRAIL, loadAttack('18.1'));

  assert.deepEqual(threat?.tactic.name, ['Defense Evasion']);
  assert.deepEqual(threat?.technique.id, ['T1562']);
  assert.deepEqual(threat?.technique.name, ['Impair Defenses']);
  assert.deepEqual(threat?.technique.subtechnique?.id, ['T1562.008']);
});

test('leaves out reads, class rules and single sources', () => {
  const user = { type: 'IAMUser', userName: 'alice' };
  const records: JsonObject[] = [
    { eventSource: 'secretsmanager.amazonaws.com', eventName: 'GetSecretValue', userIdentity: user },
    { eventSource: 'detective.amazonaws.com', eventName: 'DeleteGraph', userIdentity: user },
    { eventSource: 'access-analyzer.amazonaws.com', eventName: 'DeleteAnalyzer', userIdentity: user },
  ];
  for (const record of records) assert.equal(threatFor(record), undefined, String(record['eventName']));
});

test('names a parent and a tactic once when several techniques share them', () => {
  const threat = threatFor({
    eventSource: 'iam.amazonaws.com',
    eventName: 'CreateUser',
    userAgent: 'S3 Browser/10',
    userIdentity: { type: 'IAMUser', userName: 'alice' },
  });
  assert.ok(threat !== undefined);

  threatSchema.parse(threat);
  assert.deepEqual(threat.technique.subtechnique?.id, ['T1136.003', 'T1059.009']);
  assert.equal(new Set(threat.tactic.id).size, threat.tactic.id.length);
});

test('returns the same frozen object for the same verdict', () => {
  assert.equal(threatFor(DELETE_TRAIL), threatFor({ ...DELETE_TRAIL }));
  assert.ok(Object.isFrozen(threatFor(DELETE_TRAIL)));
});
