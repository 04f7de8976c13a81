import type { PolicyAnalysis, PolicyChange } from '../../iam/analysis.ts';
import type { ChangeEnrichment } from '../output.ts';
import { renderFindings } from './render-analysis.ts';

const MAX_ACTIONS = 20;

/** A comparison with `previous` as output, bounded: what was added, and how much power there was before. */
export function renderChange(
  change: PolicyChange,
  previous: PolicyAnalysis,
  against: string | undefined,
): ChangeEnrichment {
  const { addedFindings, removedFindings, addedRiskyActions } = change;
  return {
    verdict: change.verdict,
    ...(against !== undefined && { against }),
    ...(change.verdict !== 'unknown' && {
      previous_risk_level: previous.riskLevel,
      previous_is_admin: previous.isAdmin,
    }),
    ...(addedFindings.length > 0 && { added_findings: renderFindings(addedFindings) }),
    ...(removedFindings.length > 0 && { removed_findings: renderFindings(removedFindings) }),
    ...(change.verdict !== 'unknown' && {
      added_actions: change.addedActions,
      removed_actions: change.removedActions,
    }),
    ...(addedRiskyActions.length > 0 && { added_risky_actions: addedRiskyActions.slice(0, MAX_ACTIONS) }),
  };
}

/** Nothing is known of what was there before, or of what is there now. */
export function unknownChange(against: string | undefined): ChangeEnrichment {
  return { verdict: 'unknown', ...(against !== undefined && { against }) };
}
