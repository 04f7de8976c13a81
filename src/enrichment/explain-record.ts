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

/** By section of `detrails`. */
export type Explanation = { [section: string]: unknown };

/** How each verdict about one record was reached: `detrails.explain`, only when asked for. */
export function explainRecord(
  observation: Observation,
  verdicts: RiskSignals & { readonly policyResult: PolicyResult },
  snapshot: Snapshot,
  state: BatchState,
): Explanation {
  const { event } = observation;
  const { action, policyResult } = verdicts;
  const explanation: Explanation = {
    action: explainAction(event, snapshot.actions),
    attack: explainAttack(event, action, snapshot.attack),
    risk: explainRisk(verdicts, snapshot.risk),
    policy: explainPolicy(observation.policy, policyResult, state.records, snapshot.policies),
    session: explainSession(observation.session, state.records, state.sessionOptions),
  };
  return (pruned(explanation) as Explanation | undefined) ?? {};
}

/** The value with absent for whatever says nothing, as everywhere in the output. */
function pruned(value: unknown): unknown {
  if (value === null || value === '') return undefined;
  if (typeof value !== 'object') return value;
  if (Array.isArray(value)) {
    const items = value.map(pruned).filter((item) => item !== undefined);
    return items.length === 0 ? undefined : items;
  }
  const members = Object.entries(value)
    .map(([name, member]) => [name, pruned(member)] as const)
    .filter(([, member]) => member !== undefined);
  return members.length === 0 ? undefined : Object.fromEntries(members);
}
