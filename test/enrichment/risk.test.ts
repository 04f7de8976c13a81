import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventFromObject } from '../../src/cloudtrail/event.ts';
import type { JsonObject } from '../../src/cloudtrail/json.ts';
import type { ToolsFile } from '../../src/context/tools.ts';
import { enrichAction } from '../../src/enrichment/action.ts';
import { enrichAttack } from '../../src/enrichment/attack.ts';
import type { FirstKeyKind } from '../../src/enrichment/first-key-kind.ts';
import {
  type ContextEnrichment,
  type PolicyEnrichment,
  type RiskEnrichment,
  riskSchema,
  type SessionEnrichment,
  type ToolEnrichment,
} from '../../src/enrichment/output.ts';
import { ATTACK_DISTRIBUTIONS } from '../../src/enrichment/risk/actor.ts';
import type { RiskSignals } from '../../src/enrichment/risk/contributions.ts';
import { describeOperationRisk, explainRisk } from '../../src/enrichment/risk/explain.ts';
import { levelOf, scoreOf } from '../../src/enrichment/risk/formula.ts';
import { enrichRisk } from '../../src/enrichment/risk.ts';
import { loadActions } from '../../src/knowledge/actions.ts';
import { loadAttack } from '../../src/knowledge/attack.ts';
import { readDataFile } from '../../src/knowledge/data-file.ts';
import { loadRisk } from '../../src/knowledge/risk.ts';
import { readCases } from '../read-cases.ts';

const actions = loadActions();
const attack = loadAttack('19.1');
const risk = loadRisk(actions);

type Input = {
  readonly event: JsonObject;
  readonly policy?: PolicyEnrichment;
  readonly session?: SessionEnrichment;
  readonly tool?: ToolEnrichment;
  readonly context?: ContextEnrichment;
  readonly firstKind?: FirstKeyKind;
};

function signalsOf({ event: record, ...others }: Input): RiskSignals {
  const event = eventFromObject(record);
  const action = enrichAction(event, actions);
  return { event, action, attack: enrichAttack(event, action, attack), ...others };
}

const enrich = (input: Input): RiskEnrichment => enrichRisk(signalsOf(input), risk);

type Expected = {
  readonly level?: string;
  readonly levels?: readonly string[];
  readonly reasons?: readonly string[];
  readonly has?: readonly string[];
  readonly hasNot?: readonly string[];
  readonly damage?: readonly string[];
  readonly services?: readonly string[];
};

const cases = ['risk/risk.json', 'risk/actor.json'].flatMap((path) => readCases<Input, Expected>(path));
for (const { name, why, input, expected } of cases) {
  test(name, () => {
    const verdict = enrich(input);

    riskSchema.parse(verdict);
    const levels = expected.levels ?? (expected.level === undefined ? undefined : [expected.level]);
    if (levels !== undefined)
      assert.ok(levels.includes(verdict.level), `${verdict.level} ${verdict.score}: ${why}`);
    if (expected.reasons !== undefined) assert.deepEqual(verdict.reasons, expected.reasons, why);
    for (const reason of expected.has ?? [])
      assert.ok(verdict.reasons?.includes(reason), `${reason}: ${why}`);
    for (const reason of expected.hasNot ?? [])
      assert.ok(!verdict.reasons?.includes(reason), `${reason}: ${why}`);
    for (const kind of expected.damage ?? [])
      assert.ok((verdict.damage as readonly string[] | undefined)?.includes(kind), `${kind}: ${why}`);
    if (expected.services !== undefined) assert.deepEqual(verdict.services, expected.services, why);
  });
}

test('an attempt scores lower than the same call done', () => {
  const done: JsonObject = { eventSource: 'cloudtrail.amazonaws.com', eventName: 'DeleteTrail' };

  assert.ok(enrich({ event: { ...done, errorCode: 'AccessDenied' } }).score < enrich({ event: done }).score);
});

test('returns the same frozen object when action and techniques alone decide', () => {
  const event: JsonObject = { eventSource: 'iam.amazonaws.com', eventName: 'CreateUser' };

  assert.equal(enrich({ event }), enrich({ event: { ...event, userIdentity: { type: 'IAMUser' } } }));
  assert.ok(Object.isFrozen(enrich({ event })));
  const ofRoot = enrich({ event: { ...event, userIdentity: { type: 'Root' } } });
  assert.equal(Object.isFrozen(ofRoot), false, "what is said of one event is nobody else's");
});

test('keeps verdicts of two editions of the risk data apart', () => {
  const event: JsonObject = { eventSource: 'iam.amazonaws.com', eventName: 'CreateUser' };
  const categories = { ...risk.categories, base: new Uint8Array(risk.categories.base.length) };
  const lower = { ...risk, categories };

  assert.ok(enrichRisk(signalsOf({ event }), lower).score < enrich({ event }).score);
});

test('names the level of every score', () => {
  const levels = [0, 9, 10, 29, 30, 54, 55, 79, 80, 100].map(levelOf);

  assert.deepEqual(levels, [
    'info',
    'info',
    'low',
    'low',
    'medium',
    'medium',
    'high',
    'high',
    'critical',
    'critical',
  ]);
});

test('halves what an attempt would have done, and not who tried', () => {
  const content = [{ reason: 'x', weight: 0.5, ofContent: true }];
  const actor = [{ reason: 'x', weight: 0.5, ofContent: false }];

  assert.equal(scoreOf(0, content, true), 25);
  assert.equal(scoreOf(0, actor, true), 50);
  assert.equal(scoreOf(40, [], true), 20);
});

test('explains the terms of the formula', () => {
  const input: Input = {
    event: { eventSource: 'iam.amazonaws.com', eventName: 'CreateUser', userIdentity: { type: 'Root' } },
  };

  const explanation = explainRisk(signalsOf(input), risk);

  assert.equal(explanation.score, enrich(input).score);
  assert.equal(explanation.base_reason, enrich(input).reasons?.[0]);
  assert.deepEqual(
    explanation.signals.map(({ reason }) => reason),
    enrich(input).reasons?.slice(1),
  );
});

test('explains what each signal of the caller rests on', () => {
  const firstKind: FirstKeyKind = {
    kind: 'long_term_key',
    known_by: 'console',
    since: '2024-04-01T09:00:00Z',
    established: true,
  };
  const input: Input = {
    event: { eventSource: 'ec2.amazonaws.com', eventName: 'CreateTags', userIdentity: { type: 'Root' } },
    context: { network: { kind: 'tor' }, role_use: 'unexpected' },
    firstKind,
  };

  const { signals, first_use } = explainRisk(signalsOf(input), risk);

  assert.deepEqual(first_use, firstKind);
  assert.deepEqual(
    signals.map(({ reason, rests_on }) => [reason, rests_on]),
    [
      ['root_user', 'userIdentity.type'],
      ['first_use_of_key_kind', 'explain.risk.first_use'],
      ['role_used_from_unexpected_place', 'context.role_use'],
      ['tor_exit', 'context.network.kind'],
    ],
  );
});

test('every attack distribution of the tools file is one that risk knows', () => {
  const { signals } = readDataFile('tools.json') as ToolsFile;
  const marked = signals.flatMap(({ code, tool }) => (tool?.kind === 'attack' ? [[code, tool.name]] : []));

  assert.deepEqual(marked.sort(), [...ATTACK_DISTRIBUTIONS].sort());
});

test('describes the risk of an operation by its actions', () => {
  const described = describeOperationRisk(risk, actions, 'cloudtrail', 'StopLogging');

  assert.equal(described?.level, 'high');
  assert.deepEqual(
    described?.actions.map(({ action }) => action),
    ['cloudtrail:StopLogging'],
  );
  assert.equal(describeOperationRisk(risk, actions, 'nowhere', 'Nothing'), undefined);
});

test('every action of AWS has a reason code', () => {
  const { reason, reasonCodes } = risk.categories;

  assert.ok(reason.every((code) => reasonCodes[code] !== 'none'));
});
