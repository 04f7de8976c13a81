import { eventFromObject } from '../../../src/cloudtrail/event.ts';
import { type JsonObject, readString } from '../../../src/cloudtrail/json.ts';
import { enrichAction } from '../../../src/enrichment/action.ts';
import { callerKindOf } from '../../../src/enrichment/attack/caller.ts';
import { enrichAttack } from '../../../src/enrichment/attack.ts';
import type { ActionEnrichment, AttackEnrichment } from '../../../src/enrichment/output.ts';
import { type Threat, threatOf } from '../../../src/enrichment/threat.ts';
import type { Actions } from '../../../src/knowledge/actions.ts';
import type { AttackKnowledge } from '../../../src/knowledge/attack.ts';
import { readLines, readTrail, share, shared } from './corpora.ts';

/** Records of one kind, and how many of them carry `threat.*`. */
export type Marked = { readonly all: number; readonly marked: number };

/** How much of ordinary and of attack traffic carries a technique. */
export type NoiseFigures = {
  readonly bench: Marked;
  readonly services: Marked;
  readonly reads: Marked;
  /** Writes by AWS's level, by people and workloads, without `stratus-red-team` in the agent. */
  readonly writes: Marked;
  /** Of these the records that say themselves that they are no read: the stricter count. */
  readonly declaredWrites: Marked;
  /** Operations among the marked writes, most frequent first. */
  readonly names: readonly string[];
  readonly invictus: Marked;
  /** Records of the attack runs with anything in `detrails.attack`. */
  readonly invictusMapped: number;
  readonly steps: number;
  /** Attack steps without an acceptable technique, each with what it carries. */
  readonly missedSteps: readonly string[];
};

/** A record with the verdicts on it. */
type Judged = {
  readonly record: JsonObject;
  readonly action: ActionEnrichment;
  readonly attack: AttackEnrichment | undefined;
  readonly threat: Threat | undefined;
  readonly isService: boolean;
};

/** Judges the corpora in `../shared`; undefined where they are not. */
export function measureNoise(actions: Actions, attack: AttackKnowledge): NoiseFigures | undefined {
  const trail = shared('corpora/bench/AWSLogs');
  const runs = shared('corpora/invictus.jsonl');
  const list = shared('reference/attack/invictus-steps.jsonl');
  if (trail === undefined || runs === undefined || list === undefined) return undefined;
  const judge = (record: JsonObject): Judged => judgeRecord(record, actions, attack);
  const bench = readTrail(trail).map(judge);
  const invictus = readLines(runs).map(judge);
  const steps = readLines(list);
  const writes = bench.filter((each) => !each.isService && !isRead(each) && !isSelfDeclaredTest(each));
  return {
    bench: marked(bench),
    services: marked(bench.filter(({ isService }) => isService)),
    reads: marked(bench.filter(isRead)),
    writes: marked(writes),
    declaredWrites: marked(writes.filter(({ record }) => record['readOnly'] === false)),
    names: countNames(writes.filter(({ threat }) => threat !== undefined)),
    invictus: marked(invictus),
    invictusMapped: invictus.filter(({ attack: techniques }) => techniques !== undefined).length,
    steps: steps.length,
    missedSteps: steps
      .filter((step) => !carriesAcceptable(step, invictus))
      .map((step) => describeStep(step, invictus)),
  };
}

/** The figures in lines to print. */
export function noiseLines(figures: NoiseFigures | undefined): string[] {
  if (figures === undefined) return ['(../shared is not here: no corpora)'];
  const { bench, services, reads, writes, declaredWrites, names, invictus, steps, missedSteps } = figures;
  const text = ({ all, marked: some }: Marked): string => share(some, all);
  return [
    `corpora/bench: ${bench.all} records`,
    `  threat.* among calls by AWS services: ${text(services)}`,
    `  threat.* among reads: ${text(reads)}`,
    `  threat.* among writes by people without stratus-red-team in the agent: ${text(writes)}`,
    `  the same, only records that say readOnly: false: ${text(declaredWrites)}`,
    `  the names among them: ${names.join(', ')}`,
    '',
    `corpora/invictus.jsonl: ${invictus.all} records`,
    `  with a technique in threat.*: ${text(invictus)}`,
    `  with a technique in detrails.attack: ${share(figures.invictusMapped, invictus.all)}`,
    `  attack steps with an acceptable technique: ${share(steps - missedSteps.length, steps)}`,
    ...missedSteps.map((step) => `    not ${step}`),
  ];
}

function judgeRecord(record: JsonObject, actions: Actions, knowledge: AttackKnowledge): Judged {
  const event = eventFromObject(record);
  const action = enrichAction(event, actions);
  const attack = enrichAttack(event, action, knowledge);
  const threat = attack === undefined ? undefined : threatOf(attack, knowledge);
  return { record, action, attack, threat, isService: callerKindOf(event) === 'service' };
}

function carriesAcceptable(step: JsonObject, all: readonly Judged[]): boolean {
  const acceptable = step['acceptable'];
  const techniques = all[Number(step['line']) - 1]?.attack?.techniques ?? [];
  return Array.isArray(acceptable) && techniques.some(({ id }) => acceptable.includes(id));
}

function describeStep(step: JsonObject, all: readonly Judged[]): string {
  const techniques = all[Number(step['line']) - 1]?.attack?.techniques ?? [];
  const ids = techniques.map(({ id, confidence }) => `${id} (${confidence})`).join(', ');
  const found = ids === '' ? 'no technique: the condition on sharing or trust did not hold' : ids;
  return `line ${String(step['line'])}, ${String(step['eventName'])}: ${found}`;
}

/** A read by AWS's level; where AWS names none, by what the record says. */
function isRead({ action, record }: Judged): boolean {
  const level = action.access_level;
  return level === undefined ? record['readOnly'] === true : level === 'List' || level === 'Read';
}

function isSelfDeclaredTest({ record }: Judged): boolean {
  return readString(record, 'userAgent')?.includes('stratus-red-team') === true;
}

function marked(judged: readonly Judged[]): Marked {
  return { all: judged.length, marked: judged.filter(({ threat }) => threat !== undefined).length };
}

function countNames(judged: readonly Judged[]): string[] {
  const counts = new Map<string, number>();
  for (const { record } of judged) {
    const label = readString(record, 'eventSource')?.replace('.amazonaws.com', '') ?? '';
    const name = `${label}:${readString(record, 'eventName') ?? ''}`;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return [...counts].sort((a, b) => b[1] - a[1]).map(([name, count]) => `${name} ${count}`);
}
