import type { PolicyKnowledge } from '../iam/analysis.ts';
import { type Actions, type Dataset, loadActions } from '../knowledge/actions.ts';
import { type AttackKnowledge, type AttackVersion, loadAttack } from '../knowledge/attack.ts';
import { readDataFile } from '../knowledge/data-file.ts';
import { loadManagedPolicies, type ManagedPolicies } from '../knowledge/managed-policies.ts';
import { loadPolicyKnowledge } from '../knowledge/policy-knowledge.ts';
import { type RiskKnowledge, riskKnowledge } from '../knowledge/risk.ts';

/** Everything that is loaded from `data/` at start, and never changes while the process lives. */
export type Knowledge = {
  readonly actions: Actions;
  readonly attack: AttackKnowledge;
  readonly risk: RiskKnowledge;
  readonly policy: PolicyKnowledge;
  readonly managedPolicies: ManagedPolicies;
  /** Parsed `data/tools.json` and `data/vendors.json`, for the context. */
  readonly context: { readonly tools: unknown; readonly vendors: unknown };
  readonly datasets: readonly Dataset[];
};

/** Loads the knowledge. Throws when a file is missing or of another format: better at start than later. */
export function loadKnowledge(attackVersion: AttackVersion): Knowledge {
  const actions = loadActions();
  const attack = loadAttack(attackVersion);
  const policy = loadPolicyKnowledge(actions.catalog);
  const risk = riskKnowledge(actions, policy.risk);
  return {
    actions,
    attack,
    risk,
    policy,
    managedPolicies: loadManagedPolicies(policy),
    context: { tools: readDataFile('tools.json'), vendors: readDataFile('vendors.json') },
    datasets: [actions.dataset, attack.dataset, risk.dataset],
  };
}
