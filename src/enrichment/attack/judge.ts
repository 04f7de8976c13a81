import type { CloudTrailEvent } from '../../cloudtrail/event.ts';
import type { AttackEntry, MappedTechnique } from '../../knowledge/attack.ts';
import { CONFIDENCES } from '../../knowledge/attack-file.ts';
import type { CallerKind } from './caller.ts';
import { allHold } from './predicates.ts';

/** Codes in a technique's `reasons` that do not come from the data. */
export const ATTACK_REASONS = {
  /** The call only reads: its own tier, outside `threat`. */
  read: 'read',
  /** A service made the call on somebody's behalf: one step less confident. */
  forwarded: 'forwarded',
} as const;

/** What judging one technique of an operation says for one record. */
export type Judgment = {
  readonly technique: MappedTechnique;
  /** Index into `CONFIDENCES`. */
  readonly confidence: number;
  readonly reasons: readonly string[];
  readonly isAttempt: boolean;
};

/**
 * Which conditions of an operation hold for a record, one bit each: per technique its `when`, then its
 * changes of confidence (first raising, then lowering). What is not to be claimed has no changes. All that
 * a record's content decides is in this number, so verdicts are found again by it.
 */
export function heldConditions(entry: AttackEntry, event: CloudTrailEvent): number {
  let held = 0;
  let bit = 1;
  for (const { when, raise, lower } of entry.techniques) {
    const applies = allHold(when, event);
    if (applies) held |= bit;
    bit <<= 1;
    for (const change of raise) {
      if (applies && allHold(change.when, event)) held |= bit;
      bit <<= 1;
    }
    for (const change of lower) {
      if (applies && allHold(change.when, event)) held |= bit;
      bit <<= 1;
    }
  }
  return held;
}

/** Judges every technique of an operation, given {@link heldConditions}. */
export function judgeAll(
  entry: AttackEntry,
  held: number,
  caller: CallerKind,
  isFailed: boolean,
): (Judgment | undefined)[] {
  let rest = held;
  return entry.techniques.map((technique) => {
    const own = rest;
    rest >>= 1 + technique.raise.length + technique.lower.length;
    return judge(technique, own, entry, caller, isFailed);
  });
}

/**
 * Judges one technique of an operation: undefined when a gate or a condition rules it out. `held` has the
 * technique's own bits at its low end.
 *
 * A failed call is an attempt: never impact, and one step less certain, because nearly every public rule
 * tests for success; an attempt at exfiltration alone stays at `low`, out of `threat`.
 */
function judge(
  technique: MappedTechnique,
  held: number,
  entry: AttackEntry,
  caller: CallerKind,
  isFailed: boolean,
): Judgment | undefined {
  if (caller === 'service' && !technique.keepsServices) return undefined;
  const isAttempt = isFailed && !technique.isSignalOfFailure;
  if (isAttempt && isOnly(technique, 'impact')) return undefined;
  if ((held & 1) === 0) return undefined;
  const reasons = technique.reason === undefined ? [] : [technique.reason];
  let confidence = confidenceByContent(technique, held >> 1, reasons);
  if (caller === 'forwarded') {
    confidence = stepDown(confidence);
    reasons.push(ATTACK_REASONS.forwarded);
  }
  if (isAttempt)
    confidence = isOnly(technique, 'exfiltration') ? Math.min(confidence, LOW) : stepDown(confidence);
  if (entry.access === 'read') reasons.push(ATTACK_REASONS.read);
  return { technique, confidence, reasons, isAttempt };
}

const LOW = CONFIDENCES.indexOf('low');

/** The base raised and lowered by what the record shows; appends the reasons. */
function confidenceByContent(
  { confidence, raise, lower }: MappedTechnique,
  held: number,
  reasons: string[],
): number {
  let found = confidence;
  let rest = held;
  for (const { to, reason } of raise) {
    if ((rest & 1) === 1) {
      found = Math.max(found, to);
      reasons.push(reason);
    }
    rest >>= 1;
  }
  for (const { to, reason } of lower) {
    if ((rest & 1) === 1) {
      found = Math.min(found, to);
      reasons.push(reason);
    }
    rest >>= 1;
  }
  return found;
}

/** `derived` and `low` stay: they are low enough. */
function stepDown(confidence: number): number {
  return confidence > LOW ? confidence - 1 : confidence;
}

function isOnly({ tactics }: MappedTechnique, tactic: string): boolean {
  return tactics.every((each) => each === tactic);
}
