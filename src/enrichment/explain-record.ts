import { explainAttack } from './attack/explain.ts';
import type { BatchState } from './enrich-record.ts';
import { explainAction } from './explain-action.ts';
import type { Observation } from './observe-batch.ts';
import { explainPolicy } from './policy/explain.ts';
import type { PolicyResult } from './policy.ts';
import type { RiskSignals } from './risk/contributions.ts';
import { explainRisk } from './risk/explain.ts';
import { explainSession } from './session/explain-session.ts';
import type { Snapshot } from './snapshot.ts';

/** How each verdict about one record was reached: `detrails.explain`, only when asked for. */
export function explainRecord(
  observation: Observation,
  verdicts: RiskSignals & { readonly policyResult: PolicyResult },
  snapshot: Snapshot,
  state: BatchState,
): { [section: string]: unknown } {
  const { event } = observation;
  const { action, policyResult } = verdicts;
  const explanation: { [section: string]: unknown } = {
    action: explainAction(event, snapshot.actions),
    attack: explainAttack(event, action, snapshot.attack),
    risk: explainRisk(verdicts, snapshot.risk),
    policy: explainPolicy(observation.policy, policyResult, state.records, snapshot.policies),
    session: explainSession(observation.session, state.records),
  };
  for (const [section, value] of Object.entries(explanation)) {
    if (value === undefined) delete explanation[section];
  }
  return explanation;
}
