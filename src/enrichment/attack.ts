import type { CloudTrailEvent } from '../cloudtrail/event.ts';
import { type AttackEntry, type AttackKnowledge, attackEntryOf } from '../knowledge/attack.ts';
import { CONFIDENCES } from '../knowledge/attack-file.ts';
import { type CallerKind, callerKindOf } from './attack/caller.ts';
import { type Judgment, judge } from './attack/judge.ts';
import type { ActionEnrichment, AttackEnrichment, TechniqueEnrichment } from './output.ts';

/**
 * The ATT&CK techniques of an event, or undefined when it has none.
 *
 * Gates: what AWS does by itself has no technique; what a service does on somebody's behalf loses one
 * step of confidence, and for reads, sign-ins and calls on data the technique; a failed call is an attempt
 * and never impact. `judge` has the rest.
 *
 * The same verdict is the same frozen object. It holds everything; `presentAttack` cuts it for a profile.
 */
export function enrichAttack(
  event: CloudTrailEvent,
  action: ActionEnrichment,
  attack: AttackKnowledge,
): AttackEnrichment | undefined {
  const entry = attackEntryOf(attack, event.eventSource, event.eventName, action.iam);
  if (entry === undefined || entry.techniques.length === 0) return undefined;
  const caller = callerKindOf(event);
  if (isDropped(entry, caller)) return undefined;
  const isFailed = action.outcome !== 'success';
  const verdicts = verdictsOf(entry, attack);
  const slot = (isFailed ? CALLER_KINDS : 0) + CALLER_SLOT[caller];
  return entry.isStatic
    ? staticVerdict(event, entry, verdicts, slot, caller, isFailed)
    : verdictByContent(event, entry, verdicts, slot, caller, isFailed);
}

/** True when who made the call leaves no technique of the operation. */
export function isDropped(entry: AttackEntry, caller: CallerKind): boolean {
  if (caller === 'service') return !entry.techniques.some(({ keepsServices }) => keepsServices);
  return caller === 'forwarded' && entry.access !== 'write';
}

const CALLER_SLOT: { readonly [Key in CallerKind]: number } = { caller: 0, forwarded: 1, service: 2 };
const CALLER_KINDS = Object.keys(CALLER_SLOT).length;

/**
 * Verdicts of one operation made before: by outcome and caller, and where conditions decide also by what
 * they said. There are only as many as combinations of the data's conditions.
 */
type Verdicts = {
  readonly release: string;
  readonly fixed: (AttackEnrichment | null)[];
  readonly byContent: Map<string, AttackEnrichment>;
};

const verdictsByEntry = new WeakMap<AttackEntry, Verdicts>();

function verdictsOf(entry: AttackEntry, attack: AttackKnowledge): Verdicts {
  const known = verdictsByEntry.get(entry);
  if (known !== undefined) return known;
  const made: Verdicts = { release: attack.release, fixed: [], byContent: new Map() };
  verdictsByEntry.set(entry, made);
  return made;
}

function staticVerdict(
  event: CloudTrailEvent,
  entry: AttackEntry,
  verdicts: Verdicts,
  slot: number,
  caller: CallerKind,
  isFailed: boolean,
): AttackEnrichment | undefined {
  const known = verdicts.fixed[slot];
  if (known !== undefined) return known ?? undefined;
  const judgments = entry.techniques.map((technique) => judge(technique, event, entry, caller, isFailed));
  const made = toVerdict(judgments, verdicts.release);
  verdicts.fixed[slot] = made ?? null;
  return made;
}

function verdictByContent(
  event: CloudTrailEvent,
  entry: AttackEntry,
  verdicts: Verdicts,
  slot: number,
  caller: CallerKind,
  isFailed: boolean,
): AttackEnrichment | undefined {
  const judgments: (Judgment | undefined)[] = [];
  let key = `${slot}`;
  for (const technique of entry.techniques) {
    const judgment = judge(technique, event, entry, caller, isFailed);
    judgments.push(judgment);
    key += judgment === undefined ? '|' : `|${judgment.confidence}${judgment.reasons.join()}`;
  }
  const known = verdicts.byContent.get(key);
  if (known !== undefined) return known;
  const made = toVerdict(judgments, verdicts.release);
  if (made !== undefined) verdicts.byContent.set(key, made);
  return made;
}

function toVerdict(
  judgments: readonly (Judgment | undefined)[],
  release: string,
): AttackEnrichment | undefined {
  const techniques = judgments.filter((each) => each !== undefined).map(toTechnique);
  if (techniques.length === 0) return undefined;
  Object.freeze(techniques);
  return Object.freeze({ version: release, techniques });
}

function toTechnique({ technique, confidence, reasons, isAttempt }: Judgment): TechniqueEnrichment {
  const { facts, tactics, evidence } = technique;
  const claimed = isAttempt ? tactics.filter((tactic) => tactic !== 'impact') : tactics;
  return Object.freeze({
    id: facts.id,
    name: facts.name,
    tactics: frozenCopy(claimed),
    confidence: CONFIDENCES[confidence] ?? 'derived',
    ...(isAttempt ? { attempt: true } : {}),
    ...(reasons.length === 0 ? {} : { reasons: frozenCopy(reasons) }),
    ...(evidence.length === 0 ? {} : { evidence: frozenCopy(evidence) }),
  });
}

function frozenCopy(list: readonly string[]): string[] {
  const copy = [...list];
  Object.freeze(copy);
  return copy;
}
