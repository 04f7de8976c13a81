import type { PolicyKnowledge } from '../iam/analysis.ts';
import type { ActionCatalog } from '../iam/catalog.ts';
import { loadActions } from './actions.ts';
import { loadEscalationPaths } from './escalation-paths.ts';
import { loadResourceTypes } from './resource-types.ts';
import { loadRiskCategories } from './risk-categories.ts';

/** Everything the policy analysis knows, over the given catalog or the bundled one; once, at start. */
export function loadPolicyKnowledge(catalog: ActionCatalog = loadActions().catalog): PolicyKnowledge {
  return Object.freeze({
    catalog,
    risk: loadRiskCategories(catalog),
    escalationPaths: loadEscalationPaths(catalog),
    resourceTypes: loadResourceTypes(catalog),
  });
}
