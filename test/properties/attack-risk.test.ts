import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { eventFromObject } from '../../src/cloudtrail/event.ts';
import type { JsonObject } from '../../src/cloudtrail/json.ts';
import { buildToolKnowledge } from '../../src/context/tools.ts';
import { enrichAction } from '../../src/enrichment/action.ts';
import { explainAttack } from '../../src/enrichment/attack/explain.ts';
import { presentAttack } from '../../src/enrichment/attack/present.ts';
import { enrichAttack } from '../../src/enrichment/attack.ts';
import type { FirstKeyKind } from '../../src/enrichment/first-key-kind.ts';
import {
  attackSchema,
  type ContextEnrichment,
  type PolicyEnrichment,
  riskSchema,
  type SessionEnrichment,
  type ToolEnrichment,
} from '../../src/enrichment/output.ts';
import type { RiskSignals } from '../../src/enrichment/risk/contributions.ts';
import { explainRisk } from '../../src/enrichment/risk/explain.ts';
import { type Contribution, scoreOf } from '../../src/enrichment/risk/formula.ts';
import { enrichRisk } from '../../src/enrichment/risk.ts';
import { threatOf, threatSchema } from '../../src/enrichment/threat.ts';
import { Verdicts } from '../../src/enrichment/verdicts.ts';
import { loadActions } from '../../src/knowledge/actions.ts';
import { type AttackKnowledge, loadAttack } from '../../src/knowledge/attack.ts';
import type { CompiledTest, Condition } from '../../src/knowledge/attack-condition.ts';
import { readDataFile } from '../../src/knowledge/data-file.ts';
import { loadRisk } from '../../src/knowledge/risk.ts';

const actions = loadActions();
const releases = { '19.1': loadAttack('19.1'), '18.1': loadAttack('18.1') };
const risk = loadRisk(actions);
const tools = buildToolKnowledge(readDataFile('tools.json'));

const operations = [...releases['19.1'].events].flatMap(([source, byName]) =>
  [...byName.keys()].map((name) => ({ source, name })),
);

/** Every path that a condition reads, so that random records often fill one. */
const paths = [...new Set(allTests(releases['19.1']).map(({ steps }) => steps.join('.')))];
const words = [...new Set(allTests(releases['19.1']).flatMap((compiled) => compiled.words))];

const leaf = fc.oneof(
  fc.constantFrom<unknown>(
    ...words.slice(0, 400),
    true,
    false,
    0,
    1,
    7,
    null,
    '',
    '*',
    '%{[x]}',
    '999988887777',
  ),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.jsonValue({ maxDepth: 2 }),
);

/** A record in which some of the paths hold something; lists where AWS writes lists, or not. */
const record: fc.Arbitrary<JsonObject> = fc
  .tuple(
    fc.constantFrom(...operations),
    fc.array(fc.tuple(fc.constantFrom(...paths), leaf, fc.boolean()), { maxLength: 6 }),
    fc.constantFrom<JsonObject>(
      {},
      { errorCode: 'AccessDenied' },
      { errorCode: 'Throttling' },
      { eventType: 'AwsServiceEvent' },
    ),
    fc.constantFrom<unknown>(
      undefined,
      { type: 'IAMUser', userName: 'alice', accountId: '111122223333' },
      { type: 'Root' },
      { type: 'AWSService' },
      { type: 'AssumedRole', invokedBy: 'athena.amazonaws.com' },
      [],
      'text',
    ),
  )
  .map(([{ source, name }, members, outcome, identity]) => {
    const built: Record<string, unknown> = { recipientAccountId: '111122223333', userIdentity: identity };
    for (const [path, value, inList] of members) put(built, path.split('.'), inList ? [value] : value);
    return { ...built, ...outcome, eventSource: source, eventName: name };
  });

const policy: fc.Arbitrary<PolicyEnrichment | undefined> = fc.constantFrom<(PolicyEnrichment | undefined)[]>(
  undefined,
  { status: 'hidden' },
  { status: 'analyzed', is_admin: true, risk_level: 'critical' },
  { status: 'analyzed', is_public: true, risk_level: 'high', change: { verdict: 'broadened' } },
  { status: 'analyzed', operation: 'detach', is_admin: true },
);
const session = fc.constantFrom<(SessionEnrichment | undefined)[]>(
  undefined,
  { status: 'linked', verdict: 'different_source', fidelity: 'high' },
  { status: 'linked', verdict: 'multiple_sources' },
);
const tool = fc.constantFrom<(ToolEnrichment | undefined)[]>(
  undefined,
  { name: 'x', kind: 'attack', confidence: 'low' },
  { name: 'x', kind: 'client', confidence: 'high' },
  { name: 'x', kind: 'audit', confidence: 'high' },
  { name: 'x', kind: 'client', confidence: 'high', signals: ['cloudshell', 'kali_linux'] },
  { name: 'Parrot OS', kind: 'attack', confidence: 'high', signals: ['parrot_os'] },
);
const context = fc.constantFrom<(ContextEnrichment | undefined)[]>(
  undefined,
  { principal: { kind: 'break-glass' } },
  { foreign_accounts: [{ id: '999988887777', relation: 'unknown' }] },
  { foreign_accounts: [{ id: '464622532012', relation: 'vendor' }], role_use: 'unexpected' },
  { network: { kind: 'tor' }, account: { id: '999988887777', relation: 'unknown' } },
  {
    account: { id: '999988887777', relation: 'unknown' },
    recipient_account: { id: '111122223333', relation: 'own' },
  },
);
const firstKind = fc.constantFrom<(FirstKeyKind | undefined)[]>(
  undefined,
  { kind: 'console', known_by: 'long_term_key', since: '2024-05-06T09:00:00Z', established: true },
  { kind: 'console', known_by: 'long_term_key', since: '2024-05-06T09:00:00Z', established: false },
);
/** Agents of clients, and how much of what follows them is taken. */
const benignAgent = fc.constantFrom(
  'aws-cli/2.15.0 Python/3.11.6 Linux/6.1 exe/x86_64',
  'Boto3/1.34.0 Python/3.12.0',
  'aws-sdk-go/1.44.0 (go1.19; linux; amd64) Terraform/1.5.7',
  'console.amazonaws.com',
  'Mozilla/5.0 (X11; Linux x86_64)',
  'AWS Internal',
);

test('techniques are always active in the release, with tactics that it has', () => {
  for (const [version, knowledge] of Object.entries(releases)) {
    fc.assert(
      fc.property(record, (input) => {
        const { attack } = judge(input, knowledge);
        if (attack === undefined) return;
        attackSchema.parse(attack);
        assert.equal(attack.version, version);
        for (const { id, tactics } of attack.techniques ?? []) {
          assert.ok(knowledge.names.find(id) !== undefined, id);
          for (const tactic of tactics) assert.ok(knowledge.names.tactic(tactic) !== undefined, tactic);
        }
      }),
    );
  }
});

test('the lists of threat are parallel, and threat goes with ecs alone', () => {
  const knowledge = releases['19.1'];
  fc.assert(
    fc.property(record, (input) => {
      const { attack } = judge(input, knowledge);
      const threat = attack === undefined ? undefined : threatOf(attack, knowledge);
      if (attack === undefined || threat === undefined) return;
      threatSchema.parse(threat);
      const { tactic, technique } = threat;
      for (const list of [tactic, technique, technique.subtechnique]) {
        assert.equal(list?.name.length, list?.id.length);
        assert.equal(list?.reference.length, list?.id.length);
      }
      assert.equal(presentAttack(attack, { withEvidence: false, ecs: true }).ecs, true);
    }),
  );
});

test('a call by an AWS service has no threat, nor has a failed one an impact', () => {
  const knowledge = releases['19.1'];
  fc.assert(
    fc.property(record, (input) => {
      const { attack } = judge(input, knowledge);
      if (attack === undefined) return;
      const isService = input['eventType'] === 'AwsServiceEvent';
      if (isService) assert.equal(threatOf(attack, knowledge), undefined);
      for (const { attempt, tactics } of attack.techniques ?? [])
        if (attempt === true) assert.ok(!tactics.includes('impact'));
    }),
  );
});

test('the same record gives the same verdict, and the answers are frozen', () => {
  fc.assert(
    fc.property(record, (input) => {
      const first = judge(input, releases['19.1']);
      const second = judge(structuredClone(input), releases['19.1']);
      assert.equal(first.attack, second.attack);
      assert.ok(first.attack === undefined || Object.isFrozen(first.attack));
    }),
  );
});

test('no signal ever lowers the score', () => {
  fc.assert(
    fc.property(
      record,
      policy,
      session,
      tool,
      context,
      firstKind,
      (input, ...[one, two, three, four, five]) => {
        const { event, action, attack } = judge(input, releases['19.1']);
        const alone: RiskSignals = { event, action, attack: undefined };
        const steps: RiskSignals[] = [
          alone,
          { ...alone, attack },
          { ...alone, attack, policy: one },
          { ...alone, attack, policy: one, session: two },
          { ...alone, attack, policy: one, session: two, tool: three },
          { ...alone, attack, policy: one, session: two, tool: three, context: four },
          { ...alone, attack, policy: one, session: two, tool: three, context: four, firstKind: five },
        ];
        let before = 0;
        for (const signals of steps) {
          const verdict = enrichRisk(signals, risk);
          riskSchema.parse(verdict);
          assert.ok(verdict.score >= before, `${verdict.score} < ${before}`);
          assert.equal(explainRisk(signals, risk).score, verdict.score);
          before = verdict.score;
        }
      },
    ),
  );
});

test('a benign agent lowers no score and takes no reason away, whatever is added to it', () => {
  const suffix = fc.constantFrom(
    '',
    ' kali',
    ' cloudfox',
    ' pacu-session-00000000-0000-0000-0000-000000000000',
  );
  fc.assert(
    fc.property(record, benignAgent, suffix, policy, session, context, (input, agent, more, ...others) => {
      const { event, action, attack } = judge(input, releases['19.1']);
      const [one, two, three] = others;
      const signals: RiskSignals = { event, action, attack, policy: one, session: two, context: three };
      const without = enrichRisk(signals, risk);

      const withAgent = enrichRisk({ ...signals, tool: tools.recognize(agent + more) }, risk);

      assert.ok(withAgent.score >= without.score);
      for (const reason of without.reasons ?? []) assert.ok(withAgent.reasons?.includes(reason), reason);
      if (more !== '') assert.ok(withAgent.score > Math.min(without.score, 95), agent + more);
    }),
  );
});

test('a remembered verdict is what the enrichers say of the record by themselves', () => {
  const verdicts = new Verdicts({ actions, attack: releases['19.1'], risk });
  const others = fc.constantFrom<JsonObject>(
    {},
    { eventType: 'AwsApiCall' },
    { eventType: 'AwsConsoleAction', readOnly: true },
    { eventName: 'NeverHeardOf', readOnly: false },
    { eventName: 'NeverHeardOf' },
    { eventSource: 'signin.amazonaws.com', eventName: 'ConsoleLogin' },
    { eventName: undefined },
  );
  fc.assert(
    fc.property(record, others, (input, other) => {
      const { event, action, attack } = judge({ ...input, ...other }, releases['19.1']);

      for (const verdict of [verdicts.of(event), verdicts.of(event)]) {
        assert.deepEqual(verdict.action, action);
        assert.deepEqual(verdict.attack, attack);
        assert.deepEqual(verdict.risk, enrichRisk({ event: eventFromObject({}), action, attack }, risk));
      }
    }),
    { numRuns: 1000 },
  );
});

test('an account that is less ours scores no lower: own, vendor, unknown', () => {
  const relations = ['own', 'vendor', 'unknown'] as const;
  fc.assert(
    fc.property(record, policy, (input, one) => {
      const { event, action, attack } = judge(input, releases['19.1']);
      const scores = relations.map((relation) => {
        const foreign = { foreign_accounts: [{ id: '999988887777', relation }] };
        return enrichRisk({ event, action, attack, policy: one, context: foreign }, risk).score;
      });

      const [own = 0, vendor = 0, unknown = 0] = scores;
      assert.ok(own <= vendor && vendor <= unknown, scores.join());
      if (own < 90 && action.access_level === 'Write')
        assert.ok(own < vendor && vendor < unknown, scores.join());
    }),
  );
});

test('the formula is monotone, bounded and does not care about order', () => {
  const contribution: fc.Arbitrary<Contribution> = fc.record({
    reason: fc.constant('x'),
    weight: fc.double({ min: 0, max: 1, noNaN: true }),
    ofContent: fc.boolean(),
  });
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 100 }),
      fc.array(contribution, { maxLength: 12 }),
      contribution,
      fc.boolean(),
      (base, contributions, more, isAttempt) => {
        const score = scoreOf(base, contributions, isAttempt);
        assert.ok(Number.isInteger(score) && score >= 0 && score <= 100);
        assert.ok(scoreOf(base, [...contributions, more], isAttempt) >= score);
        assert.ok(scoreOf(Math.min(100, base + 1), contributions, isAttempt) >= score);
        assert.ok(scoreOf(base, contributions, false) >= scoreOf(base, contributions, true));
        assert.ok(Math.abs(scoreOf(base, [...contributions].reverse(), isAttempt) - score) <= 1);
      },
    ),
  );
});

test('hostile records neither throw nor take long', () => {
  const deep = JSON.parse(`${'{"a":'.repeat(2000)}1${'}'.repeat(2000)}`) as unknown;
  const long = 'a'.repeat(1_000_000);
  const statement = {
    Effect: 'Allow',
    Principal: { AWS: Array(5000).fill(long.slice(0, 100)) },
    Action: '*',
  };
  const hostile: unknown[] = [
    deep,
    long,
    `%7B${long}`,
    `{"Statement":${'['.repeat(5000)}`,
    { Statement: Array(5000).fill(statement) },
    { __proto__: null, constructor: { prototype: 1 } },
    Array(100_000).fill('999988887777'),
  ];
  for (const value of hostile) {
    for (const { source, name } of operations) {
      const parameters: Record<string, unknown> = {};
      for (const member of [
        'policy',
        'policyDocument',
        'bucketPolicy',
        'key',
        'instanceType',
        'principal',
        'ipPermissions',
        'valuesToAdd',
      ])
        parameters[member] = value;
      const input = {
        eventSource: source,
        eventName: name,
        requestParameters: parameters,
        recipientAccountId: '1',
      };
      judge(input, releases['19.1']);
    }
  }
});

function judge(input: JsonObject, knowledge: AttackKnowledge) {
  const event = eventFromObject(input);
  const action = enrichAction(event, actions);
  const attack = enrichAttack(event, action, knowledge);
  explainAttack(event, action, knowledge);
  return { event, action, attack };
}

function put(target: Record<string, unknown>, steps: readonly string[], value: unknown): void {
  const [step = '', ...rest] = steps;
  if (rest.length === 0) {
    target[step] = value;
    return;
  }
  const known = target[step];
  const next: Record<string, unknown> =
    typeof known === 'object' && known !== null && !Array.isArray(known) ? { ...known } : {};
  target[step] = next;
  put(next, rest, value);
}

function allTests(knowledge: AttackKnowledge): CompiledTest[] {
  const entries = [...knowledge.events.values()].flatMap((byName) => [...byName.values()]);
  return entries
    .flatMap(({ techniques }) => techniques)
    .flatMap(({ when, raise, lower }) => [...when, ...[...raise, ...lower].flatMap((change) => change.when)])
    .flatMap(testsOf);
}

function testsOf(condition: Condition): CompiledTest[] {
  if (condition.kind === 'test') return [condition];
  return condition.kind === 'not' ? testsOf(condition.condition) : condition.conditions.flatMap(testsOf);
}
