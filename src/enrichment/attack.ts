import type { CloudTrailEvent } from '../cloudtrail/event.ts';
import { type AttackEntry, type AttackKnowledge, attackEntryOf } from '../knowledge/attack.ts';
import { CONFIDENCES } from '../knowledge/attack-file.ts';
import { type CallerKind, callerKindOf } from './attack/caller.ts';
import { heldConditions, type Judgment, judgeAll } from './attack/judge.ts';
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
  const isFailed = action.outcome !== 'success';
  const key = attackKeyOf(entry, event, isFailed);
  if (key === DROPPED) return undefined;
  const verdicts = verdictsOf(entry);
  const known = verdicts.get(key);
  if (known !== undefined) return known ?? undefined;
  const held = Math.floor(key / SLOTS);
  const made = toVerdict(judgeAll(entry, held, callerKindOf(event), isFailed), attack.release);
  verdicts.set(key, made ?? null);
  return made;
}

/**
 * All that a record decides about the techniques of its operation, in one number: outcome, caller and the
 * conditions that hold.
 */
export function attackKeyOf(entry: AttackEntry, event: CloudTrailEvent, isFailed: boolean): number {
  const caller = callerKindOf(event);
  if (isDropped(entry, caller)) return DROPPED;
  const held = entry.isStatic ? ALL_HELD : heldConditions(entry, event);
  return held * SLOTS + (isFailed ? CALLER_KINDS : 0) + CALLER_SLOT[caller];
}

/** True when who made the call leaves no technique of the operation. */
export function isDropped(entry: AttackEntry, caller: CallerKind): boolean {
  if (caller === 'service') return !entry.keepsServices;
  return caller === 'forwarded' && entry.access !== 'write';
}

/** Conditions of an operation without conditions: every technique applies. */
const ALL_HELD = -1;

const CALLER_SLOT: { readonly [Key in CallerKind]: number } = { caller: 0, forwarded: 1, service: 2 };
const CALLER_KINDS = Object.keys(CALLER_SLOT).length;
/** Outcomes times callers. */
const SLOTS = 2 * CALLER_KINDS;
/** The key of a record whose caller leaves no technique; no other key is as low. */
const DROPPED = (ALL_HELD - 1) * SLOTS;

/**
 * Verdicts made before, of one operation: by outcome, caller and the conditions that held. There are only
 * as many as combinations of the data's few conditions; null is "no technique".
 */
type Verdicts = Map<number, AttackEnrichment | null>;

/** An entry belongs to one loaded release, so its verdicts do as well. */
const verdictsByEntry = new WeakMap<AttackEntry, Verdicts>();

function verdictsOf(entry: AttackEntry): Verdicts {
  const known = verdictsByEntry.get(entry);
  if (known !== undefined) return known;
  const made: Verdicts = new Map();
  verdictsByEntry.set(entry, made);
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
