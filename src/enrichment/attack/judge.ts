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
 * Judges one technique of an operation for one record: undefined when a gate or a condition rules it out.
 *
 * A failed call is an attempt: never impact, and one step less certain, because nearly every public rule
 * tests for success; an attempt at exfiltration alone stays at `low`, out of `threat`.
 */
export function judge(
  technique: MappedTechnique,
  event: CloudTrailEvent,
  entry: AttackEntry,
  caller: CallerKind,
  isFailed: boolean,
): Judgment | undefined {
  if (caller === 'service' && !technique.keepsServices) return undefined;
  const isAttempt = isFailed && !technique.isSignalOfFailure;
  if (isAttempt && isOnly(technique, 'impact')) return undefined;
  if (!allHold(technique.when, event)) return undefined;
  const reasons = technique.reason === undefined ? [] : [technique.reason];
  let confidence = confidenceByContent(technique, event, reasons);
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
function confidenceByContent(technique: MappedTechnique, event: CloudTrailEvent, reasons: string[]): number {
  let confidence = technique.confidence;
  for (const { to, reason, when } of technique.raise) {
    if (!allHold(when, event)) continue;
    confidence = Math.max(confidence, to);
    reasons.push(reason);
  }
  for (const { to, reason, when } of technique.lower) {
    if (!allHold(when, event)) continue;
    confidence = Math.min(confidence, to);
    reasons.push(reason);
  }
  return confidence;
}

/** `derived` and `low` stay: they are low enough. */
function stepDown(confidence: number): number {
  return confidence > LOW ? confidence - 1 : confidence;
}

function isOnly({ tactics }: MappedTechnique, tactic: string): boolean {
  return tactics.every((each) => each === tactic);
}
