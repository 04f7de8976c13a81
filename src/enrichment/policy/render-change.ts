import type { PolicyChange } from '../../iam/analysis.ts';
import type { ChangeEnrichment } from '../output.ts';
import { renderFindings } from './render-analysis.ts';

const MAX_ACTIONS = 20;

/** A comparison as output, bounded. */
export function renderChange(change: PolicyChange, against: string | undefined): ChangeEnrichment {
  const { addedFindings, removedFindings, addedRiskyActions } = change;
  return {
    verdict: change.verdict,
    ...(against !== undefined && { against }),
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
