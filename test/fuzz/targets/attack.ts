import assert from 'node:assert/strict';
import { type CloudTrailEvent, eventFromObject } from '../../../src/cloudtrail/event.ts';
import { isObject, type JsonObject } from '../../../src/cloudtrail/json.ts';
import { enrichAction } from '../../../src/enrichment/action.ts';
import { explainAttack } from '../../../src/enrichment/attack/explain.ts';
import { presentAttack } from '../../../src/enrichment/attack/present.ts';
import { enrichAttack } from '../../../src/enrichment/attack.ts';
import { actionSchema, attackSchema } from '../../../src/enrichment/output.ts';
import { threatOf, threatSchema } from '../../../src/enrichment/threat.ts';
import { type AttackKnowledge, loadAttack } from '../../../src/knowledge/attack.ts';
import type { CompiledTest, Condition } from '../../../src/knowledge/attack-condition.ts';
import { readCases } from '../../read-cases.ts';
import { assertNothingEmpty } from '../no-empty.ts';
import type { Target } from '../target.ts';
import { knowledge } from './knowledge.ts';

const releases: readonly AttackKnowledge[] = [knowledge.attack, loadAttack('18.1')];
const tests = [...knowledge.attack.events.values()]
  .flatMap((byName) => [...byName.values()])
  .flatMap(({ techniques }) => techniques)
  .flatMap(({ when, raise, lower }) => [...when, ...[...raise, ...lower].flatMap((change) => change.when)])
  .flatMap(testsOf);

/** The predicates of the ATT&CK mapping, through the enricher that asks them. */
export const attackTarget: Target = {
  name: 'attack',
  promise: 'never throws; output conforms in both releases; the same record gives the same verdict',
  seeds: readCases<unknown, unknown>('attack/conditions.json')
    .map(({ input }) => JSON.stringify(input))
    .filter((text) => text.length < 2500),
  words: [
    ...[...knowledge.attack.events].flatMap(([source, byName]) => [source, ...byName.keys()]),
    ...new Set(tests.flatMap(({ steps, words }) => [...steps, ...words])),
    ...[
      'AccessDenied',
      'Client.UnauthorizedOperation',
      'AwsServiceEvent',
      'AWSService',
      'errorCode',
      'invokedBy',
    ],
  ],
  run: (input) => {
    const record = readObject(input);
    if (record === undefined) return [];
    const features: string[] = [];
    for (const release of releases) {
      const verdict = judge(eventFromObject(record), release);
      assert.equal(
        judge(eventFromObject(structuredClone(record)), release),
        verdict,
        'twice the same object',
      );
      if (verdict === undefined) continue;
      attackSchema.parse(verdict);
      assertNothingEmpty(JSON.parse(JSON.stringify(verdict)));
      assert.ok(Object.isFrozen(verdict));
      presentAttack(verdict, { withEvidence: false, ecs: true });
      const threat = threatOf(verdict, release);
      if (threat !== undefined) threatSchema.parse(threat);
      for (const { id, confidence, attempt, reasons } of verdict.techniques ?? [])
        features.push(`${record['eventName']} ${id} ${confidence} ${attempt} ${reasons?.join()}`);
    }
    return features;
  },
};

function judge(event: CloudTrailEvent, release: AttackKnowledge) {
  const action = enrichAction(event, knowledge.actions);
  actionSchema.parse(action);
  assertNothingEmpty(JSON.parse(JSON.stringify(action)));
  explainAttack(event, action, release);
  return enrichAttack(event, action, release);
}

function readObject(input: Buffer): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(input.toString());
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function testsOf(condition: Condition): CompiledTest[] {
  if (condition.kind === 'test') return [condition];
  return condition.kind === 'not' ? testsOf(condition.condition) : condition.conditions.flatMap(testsOf);
}
