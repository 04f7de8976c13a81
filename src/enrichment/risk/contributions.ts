import type { CloudTrailEvent } from '../../cloudtrail/event.ts';
import { ATTACK_REASONS } from '../attack/judge.ts';
import type { FirstKeyKind } from '../first-key-kind.ts';
import type {
  ActionEnrichment,
  AttackEnrichment,
  ContextEnrichment,
  PolicyEnrichment,
  SessionEnrichment,
  ToolEnrichment,
} from '../output.ts';
import { actorContributions, hasActorSignal } from './actor.ts';
import type { Contribution } from './formula.ts';
import { ATTACK_WEIGHTS, CONTENT_WEIGHTS, FOREIGN_WEIGHTS, POLICY_WEIGHTS, tierOf } from './weights.ts';

/** What the risk of one event is made of: the verdicts of the other enrichers. */
export type RiskSignals = {
  readonly event: CloudTrailEvent;
  readonly action: ActionEnrichment;
  readonly attack: AttackEnrichment | undefined;
  readonly policy?: PolicyEnrichment | undefined;
  readonly session?: SessionEnrichment | undefined;
  readonly tool?: ToolEnrichment | undefined;
  readonly context?: ContextEnrichment | undefined;
  readonly firstKind?: FirstKeyKind | undefined;
};

/** Signals that the techniques carry: their confidence, and what the request showed. */
export function attackContributions(attack: AttackEnrichment | undefined): Contribution[] {
  const techniques = attack?.techniques ?? [];
  const contributions: Contribution[] = [];
  let best: Contribution | undefined;
  const seen = new Set<string>();
  for (const { confidence, reasons = [] } of techniques) {
    const tier = reasons.includes(ATTACK_REASONS.read) ? 'read' : 'write';
    const weight = ATTACK_WEIGHTS[tier][confidence];
    if (weight > (best?.weight ?? 0))
      best = { reason: `attack_confidence_${confidence}`, weight, ofContent: true };
    for (const reason of reasons) {
      const shown = CONTENT_WEIGHTS.get(reason);
      if (shown === undefined || seen.has(reason)) continue;
      seen.add(reason);
      contributions.push({ reason, weight: shown, ofContent: true });
    }
  }
  return best === undefined ? contributions : [best, ...contributions];
}

/** True when a policy, session, tool or context verdict, or the caller, may add to the risk. */
export function hasDynamicSignal(signals: RiskSignals): boolean {
  const { policy, context } = signals;
  return (
    (policy !== undefined && policy.status !== 'not_applicable') ||
    context?.foreign_accounts !== undefined ||
    hasActorSignal(signals)
  );
}

/** Signals beside action and techniques, in a fixed order. */
export function dynamicContributions(signals: RiskSignals): Contribution[] {
  return [
    ...policyContributions(signals.policy),
    ...foreignContributions(signals),
    ...actorContributions(signals),
  ];
}

/** Operations that take permissions away: what the policy allows is then no risk of this event. */
const REMOVALS: ReadonlySet<string> = new Set([
  'delete',
  'delete_version',
  'delete_inline',
  'detach',
  'remove_boundary',
  'remove_resource_policy',
  'remove_permission',
]);

function policyContributions(policy: PolicyEnrichment | undefined): Contribution[] {
  if (policy === undefined || (policy.operation !== undefined && REMOVALS.has(policy.operation))) return [];
  return policyReasons(policy).map((reason) => ({ reason, weight: POLICY_WEIGHTS[reason], ofContent: true }));
}

function policyReasons(policy: PolicyEnrichment): (keyof typeof POLICY_WEIGHTS)[] {
  // Boundaries and session policies grant nothing: what they allow is only what they leave.
  if (policy.kind === 'session') return [];
  if (policy.kind === 'boundary') return policy.is_admin === true ? ['boundary_allows_everything'] : [];
  const reasons: (keyof typeof POLICY_WEIGHTS)[] = [];
  if (policy.is_admin === true) reasons.push('policy_grants_admin');
  if (policy.is_public === true) reasons.push('policy_is_public');
  if (policy.risk_level !== undefined && policy.risk_level !== 'info')
    reasons.push(`policy_risk_${policy.risk_level}`);
  if (policy.exposure?.accounts !== undefined) reasons.push('policy_trusts_foreign_account');
  if (policy.change?.verdict === 'broadened') reasons.push('policy_broadened');
  if (policy.change?.verdict === 'mixed') reasons.push('policy_partly_broadened');
  switch (policy.status) {
    case 'hidden':
    case 'omitted':
    case 'invalid':
    case 'too_large':
    case 'too_complex':
      reasons.push(`policy_${policy.status}`);
  }
  return reasons;
}

/** Of the accounts that are let in the one least ours decides. */
function foreignContributions({ action, context }: RiskSignals): Contribution[] {
  const accounts = context?.foreign_accounts ?? [];
  const has = (wanted: string): boolean => accounts.some(({ relation = 'unknown' }) => relation === wanted);
  const reason = has('unknown')
    ? 'unknown_foreign_account'
    : has('vendor')
      ? 'vendor_foreign_account'
      : undefined;
  if (reason === undefined) return [];
  return [{ reason, weight: FOREIGN_WEIGHTS[reason][tierOf(action)], ofContent: true }];
}
