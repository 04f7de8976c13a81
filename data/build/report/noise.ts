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

/** A record with the verdicts on it. */
type Judged = {
  readonly record: JsonObject;
  readonly action: ActionEnrichment;
  readonly attack: AttackEnrichment | undefined;
  readonly threat: Threat | undefined;
  readonly isService: boolean;
};

/** How much of ordinary and of attack traffic carries a technique, in lines to print. */
export function noiseLines(actions: Actions, attack: AttackKnowledge): string[] {
  const bench = shared('corpora/bench/AWSLogs');
  const invictus = shared('corpora/invictus.jsonl');
  if (bench === undefined || invictus === undefined) return ['(../shared is not here: no corpora)'];
  const judge = (record: JsonObject): Judged => judgeRecord(record, actions, attack);
  return [...benchLines(readTrail(bench).map(judge)), '', ...invictusLines(readLines(invictus).map(judge))];
}

function judgeRecord(record: JsonObject, actions: Actions, knowledge: AttackKnowledge): Judged {
  const event = eventFromObject(record);
  const action = enrichAction(event, actions);
  const attack = enrichAttack(event, action, knowledge);
  const threat = attack === undefined ? undefined : threatOf(attack, knowledge);
  return { record, action, attack, threat, isService: callerKindOf(event) === 'service' };
}

function benchLines(all: readonly Judged[]): string[] {
  const services = all.filter(({ isService }) => isService);
  const reads = all.filter(isRead);
  const writes = all.filter((each) => !each.isService && !isRead(each) && !isSelfDeclaredTest(each));
  const tagged = writes.filter(({ threat }) => threat !== undefined);
  return [
    `corpora/bench: ${all.length} records`,
    `  threat.* among calls by AWS services: ${withThreat(services)}`,
    `  threat.* among reads: ${withThreat(reads)}`,
    `  threat.* among writes by people without stratus-red-team in the agent: ${withThreat(writes)}`,
    `  detrails.attack on any record: ${share(all.filter(({ attack }) => attack !== undefined).length, all.length)}`,
    `  the names among them: ${countNames(tagged)}`,
  ];
}

function invictusLines(all: readonly Judged[]): string[] {
  const path = shared('reference/attack/invictus-steps.jsonl');
  const steps = path === undefined ? [] : readLines(path);
  const missed = steps.filter((step) => !carriesAcceptable(step, all));
  return [
    `corpora/invictus.jsonl: ${all.length} records`,
    `  with a technique in threat.*: ${withThreat(all)}`,
    `  with a technique in detrails.attack: ${share(all.filter(({ attack }) => attack !== undefined).length, all.length)}`,
    `  attack steps with an acceptable technique: ${share(steps.length - missed.length, steps.length)}`,
    ...missed.map(
      (step) =>
        `    not line ${String(step['line'])}, ${String(step['eventName'])}: ${idsOf(all[Number(step['line']) - 1])}`,
    ),
  ];
}

function carriesAcceptable(step: JsonObject, all: readonly Judged[]): boolean {
  const acceptable = step['acceptable'];
  const techniques = all[Number(step['line']) - 1]?.attack?.techniques ?? [];
  return Array.isArray(acceptable) && techniques.some(({ id }) => acceptable.includes(id));
}

function idsOf(judged: Judged | undefined): string {
  const ids = judged?.attack?.techniques?.map(({ id, confidence }) => `${id} (${confidence})`) ?? [];
  return ids.length === 0 ? 'no technique: the condition on sharing or trust did not hold' : ids.join(', ');
}

/** A read by AWS's level; where AWS names none, by what the record says. */
function isRead({ action, record }: Judged): boolean {
  const level = action.access_level;
  return level === undefined ? record['readOnly'] === true : level === 'List' || level === 'Read';
}

function isSelfDeclaredTest({ record }: Judged): boolean {
  return readString(record, 'userAgent')?.includes('stratus-red-team') === true;
}

function withThreat(judged: readonly Judged[]): string {
  return share(judged.filter(({ threat }) => threat !== undefined).length, judged.length);
}

function countNames(judged: readonly Judged[]): string {
  const counts = new Map<string, number>();
  for (const { record } of judged) {
    const name = `${readString(record, 'eventSource')?.replace('.amazonaws.com', '')}:${readString(record, 'eventName')}`;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return [...counts]
    .sort((a, b) => b[1] - a[1])
    .map(([name, count]) => `${name} ${count}`)
    .join(', ');
}
