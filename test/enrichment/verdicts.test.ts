import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventFromObject } from '../../src/cloudtrail/event.ts';
import type { JsonObject } from '../../src/cloudtrail/json.ts';
import { presentAttack } from '../../src/enrichment/attack/present.ts';
import type { RiskEnrichment } from '../../src/enrichment/output.ts';
import { detrailsText, restText } from '../../src/enrichment/serialize.ts';
import { threatOf } from '../../src/enrichment/threat.ts';
import type { Verdict } from '../../src/enrichment/verdict.ts';
import { Verdicts } from '../../src/enrichment/verdicts.ts';
import { loadActions } from '../../src/knowledge/actions.ts';
import { loadAttack } from '../../src/knowledge/attack.ts';
import { loadRisk } from '../../src/knowledge/risk.ts';

const actions = loadActions();
const attack = loadAttack('19.1');
const risk = loadRisk(actions);
const verdicts = new Verdicts({ actions, attack, risk });

const STOP: JsonObject = { eventSource: 'cloudtrail.amazonaws.com', eventName: 'StopLogging' };
const LIST: JsonObject = { eventSource: 's3.amazonaws.com', eventName: 'ListBuckets' };

test('the same call has the same verdict, another caller or outcome has another', () => {
  const plain = verdictOf(STOP);

  assert.equal(verdictOf({ ...STOP, eventType: 'AwsApiCall' }), plain);
  assert.notEqual(verdictOf({ ...STOP, userIdentity: { type: 'AWSService' } }).attack, plain.attack);
  assert.notEqual(verdictOf({ ...STOP, errorCode: 'AccessDenied' }).action, plain.action);
  assert.equal(
    verdictOf({ ...STOP, errorCode: 'AccessDenied' }),
    verdictOf({ ...STOP, errorCode: 'AccessDenied' }),
  );
});

test('a verdict from memory follows what the request shows', () => {
  const grant = (policyArn: string): Verdict =>
    verdictOf({
      eventSource: 'iam.amazonaws.com',
      eventName: 'AttachUserPolicy',
      requestParameters: { policyArn },
    });
  const harmless = grant('arn:aws:iam::aws:policy/ReadOnlyAccess');
  const admin = grant('arn:aws:iam::aws:policy/AdministratorAccess');

  assert.ok(admin.risk.score > harmless.risk.score);
  assert.equal(grant('arn:aws:iam::aws:policy/ReadOnlyAccess'), harmless);
});

test('a verdict is written as its sections are, in every profile, with and without threat', () => {
  const raised: RiskEnrichment = { level: 'critical', score: 99, reasons: ['☂'] };
  for (const verdict of [verdictOf(STOP), verdictOf(LIST), verdictOf({})]) {
    for (const profile of ['standard', 'full'] as const) {
      for (const ecs of [true, false]) {
        for (const ownRisk of [verdict.risk, raised]) {
          const shown =
            verdict.attack && presentAttack(verdict.attack, { withEvidence: profile === 'full', ecs });
          const sections = { action: verdict.action, attack: shown, risk: ownRisk, degraded: ['☂'] };

          const lead = verdict.lead(profile, ecs, ownRisk);

          assert.equal(`${lead}${restText(sections, profile)}`, detrailsText(sections, profile));
          assert.equal(verdict.lead(profile, ecs, ownRisk), lead);
        }
      }
    }
  }
});

test('a verdict has the threat of its techniques', () => {
  const { attack: techniques, threat } = verdictOf(STOP);

  assert.ok(techniques !== undefined);
  assert.equal(threat, JSON.stringify(threatOf(techniques, attack)));
  assert.equal(verdictOf(LIST).threat, undefined, 'a read is none');
});

function verdictOf(record: JsonObject): Verdict {
  return verdicts.of(eventFromObject(record));
}
