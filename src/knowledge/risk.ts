import { DAMAGE_KINDS, type DamageKind, type RiskCategories } from '../iam/analysis.ts';
import type { ActionCatalog } from '../iam/catalog.ts';
import type { Actions, Dataset } from './actions.ts';
import { loadRiskCategories } from './risk-categories.ts';

/** Risk of every IAM action, by the catalog's ids. */
export type RiskKnowledge = {
  readonly catalog: ActionCatalog;
  readonly categories: RiskCategories;
  readonly dataset: Dataset;
};

/** What one action can do, before any context. */
export type ActionRisk = {
  /** Risk of one successful call, 0 to 100. */
  readonly base: number;
  readonly damage: readonly DamageKind[];
  /** Stable code of why, such as `changes_resource_policy`. */
  readonly reason: string;
};

/** Loads `data/risk.json` for the actions in use; once, at start. */
export function loadRisk(actions: Actions): RiskKnowledge {
  return riskKnowledge(actions, loadRiskCategories(actions.catalog));
}

/** {@link RiskKnowledge} over categories that are loaded already. */
export function riskKnowledge(actions: Actions, categories: RiskCategories): RiskKnowledge {
  const { version, date } = actions.dataset;
  return {
    catalog: actions.catalog,
    categories,
    dataset: Object.freeze({ name: 'risk', version, date, hash: categories.hash }),
  };
}

/** The risk of `service:Action` (any case), or undefined when AWS lists no such action. */
export function actionRiskOf(risk: RiskKnowledge, action: string): ActionRisk | undefined {
  const id = risk.catalog.idOf(action.toLowerCase());
  if (id === undefined) return undefined;
  const { base, damage, reason, reasonCodes } = risk.categories;
  const mask = damage[id] ?? 0;
  return {
    base: base[id] ?? 0,
    damage: DAMAGE_KINDS.filter((_kind, bit) => (mask & (1 << bit)) !== 0),
    reason: reasonCodes[reason[id] ?? 0] ?? 'none',
  };
}
