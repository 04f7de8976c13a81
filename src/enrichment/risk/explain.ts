import type { Actions } from '../../knowledge/actions.ts';
import { resolveOperation } from '../../knowledge/resolve-operation.ts';
import { actionRiskOf, type RiskKnowledge } from '../../knowledge/risk.ts';
import type { RiskLevel } from '../output.ts';
import { actionFacts } from '../risk.ts';
import { attackContributions, dynamicContributions, type RiskSignals } from './contributions.ts';
import { ATTEMPT_FACTOR, levelOf, scoreOf } from './formula.ts';

/** How a score was reached, for `explain=true`: the formula's terms. */
export type RiskExplanation = {
  /** Edition of the risk data. */
  readonly data: string;
  readonly formula: string;
  /** The action's base, 0 to 100, and why. */
  readonly base: number;
  readonly base_reason: string;
  /** What base and content are multiplied by, since the call failed. */
  readonly attempt_factor?: number;
  /** Every signal with its weight, 0 to 1. */
  readonly signals: readonly { readonly reason: string; readonly weight: number }[];
  readonly score: number;
};

/** Explains a verdict of `enrichRisk`. */
export function explainRisk(signals: RiskSignals, risk: RiskKnowledge): RiskExplanation {
  const { action, attack } = signals;
  const { base, reason } = actionFacts(action, attack, risk);
  const contributions = [...attackContributions(attack), ...dynamicContributions(signals)];
  const isAttempt = action.outcome !== 'success';
  return {
    data: `${risk.dataset.name} ${risk.dataset.version} ${risk.dataset.hash}`,
    formula: '100 * (1 - (1 - base/100) * product(1 - weight))',
    base,
    base_reason: reason,
    ...(isAttempt ? { attempt_factor: ATTEMPT_FACTOR } : {}),
    signals: contributions.map(({ reason: code, weight }) => ({ reason: code, weight })),
    score: scoreOf(base, contributions, isAttempt),
  };
}

/** Risk of an operation, for `GET /v1/actions/{service}/{name}`. */
export type OperationRisk = {
  /** Level of a successful call without further signals. */
  readonly level: RiskLevel;
  readonly score: number;
  readonly actions: readonly {
    readonly action: string;
    readonly base: number;
    readonly damage: readonly string[];
    readonly reason: string;
  }[];
};

/** See {@link OperationRisk}; undefined for operations without a known IAM action. */
export function describeOperationRisk(
  risk: RiskKnowledge,
  actions: Actions,
  service: string,
  name: string,
): OperationRisk | undefined {
  const { iam } = resolveOperation(actions, service, name);
  const rows = iam.flatMap((action) => {
    const known = actionRiskOf(risk, action);
    return known === undefined ? [] : [{ action, ...known }];
  });
  if (rows.length === 0) return undefined;
  const score = Math.max(...rows.map(({ base }) => base));
  return { level: levelOf(score), score, actions: rows };
}
