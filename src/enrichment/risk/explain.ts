import type { Actions } from '../../knowledge/actions.ts';
import { resolveOperation } from '../../knowledge/resolve-operation.ts';
import { actionRiskOf, type RiskKnowledge } from '../../knowledge/risk.ts';
import type { FirstKeyKind } from '../first-key-kind.ts';
import type { RiskLevel } from '../output.ts';
import { actionFacts } from '../risk.ts';
import { attackContributions, dynamicContributions, type RiskSignals } from './contributions.ts';
import { ATTEMPT_FACTOR, levelOf, scoreOf } from './formula.ts';

/** One signal; `rests_on` names the member of the enrichment or of the record that says so. */
export type RiskSignal = { readonly reason: string; readonly weight: number; readonly rests_on?: string };

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
  readonly signals: readonly RiskSignal[];
  /** What `first_use_of_key_kind` rests on. */
  readonly first_use?: FirstKeyKind;
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
    signals: contributions.map(({ reason: code, weight }) => {
      const restsOn = RESTS_ON.get(code);
      return { reason: code, weight, ...(restsOn !== undefined && { rests_on: restsOn }) };
    }),
    ...(signals.firstKind !== undefined && { first_use: signals.firstKind }),
    score: scoreOf(base, contributions, isAttempt),
  };
}

/** Where the signals of who called and from where stand; those of the request are explained by `attack`. */
const RESTS_ON: ReadonlyMap<string, string> = new Map([
  ['root_user', 'userIdentity.type'],
  ['break_glass_principal', 'context.principal.kind'],
  ['role_used_from_unexpected_place', 'context.role_use'],
  ['tor_exit', 'context.network.kind'],
  ['unknown_caller_account', 'context.account.relation'],
  ['unknown_foreign_account', 'context.foreign_accounts'],
  ['vendor_foreign_account', 'context.foreign_accounts'],
  ['attack_tool', 'tool.kind'],
  ['audit_tool', 'tool.kind'],
  ['attack_distribution', 'tool.signals'],
  ['first_use_of_key_kind', 'explain.risk.first_use'],
  ['key_used_from_new_source', 'session.verdict'],
  ['session_used_from_several_sources', 'session.verdict'],
]);

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
