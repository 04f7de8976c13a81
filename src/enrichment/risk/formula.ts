import type { RiskLevel } from '../output.ts';

/*
 * The formula of `detrails.risk.score`, whole.
 *
 * Everything that speaks for risk has a weight between 0 and 1: the action's base (its 0 to 100 of
 * data/risk.json divided by 100) and every signal (weights.ts). They are put together as if each were an
 * independent chance of harm:
 *
 *     score = round(100 * (1 - (1 - base) * (1 - w1) * (1 - w2) * ...))
 *
 * So a signal can only raise the score, the order does not matter, and no sum runs past 100. A call that
 * was denied or failed did nothing yet: what the call would have done (base, what its request shows,
 * techniques) counts half; who made it and from where counts in full.
 */

/** What an attempt's base and content weigh, against a success. */
export const ATTEMPT_FACTOR = 0.5;

/** One signal that holds for an event. */
export type Contribution = {
  /** Stable code, in the output's `reasons`. */
  readonly reason: string;
  /** 0 to 1: the chance of harm it stands for. */
  readonly weight: number;
  /** True for what the request would do; false for who made it and from where. */
  readonly ofContent: boolean;
};

/** The score of an event. `base` is 0 to 100. Monotone in the base and in every contribution. */
export function scoreOf(base: number, contributions: readonly Contribution[], isAttempt: boolean): number {
  const factor = isAttempt ? ATTEMPT_FACTOR : 1;
  let safe = 1 - (clamp(base, 100) / 100) * factor;
  for (const { weight, ofContent } of contributions) safe *= 1 - clamp(weight, 1) * (ofContent ? factor : 1);
  return Math.round(100 * (1 - safe));
}

/** The level of a score: 0-9 info, 10-29 low, 30-54 medium, 55-79 high, 80-100 critical. */
export function levelOf(score: number): RiskLevel {
  if (score >= 80) return 'critical';
  if (score >= 55) return 'high';
  if (score >= 30) return 'medium';
  return score >= 10 ? 'low' : 'info';
}

function clamp(value: number, most: number): number {
  return Math.min(most, Math.max(0, value));
}
