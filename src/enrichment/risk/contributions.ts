import type { CloudTrailEvent } from '../../cloudtrail/event.ts';
import { readString } from '../../cloudtrail/json.ts';
import { ATTACK_REASONS } from '../attack/judge.ts';
import type {
  ActionEnrichment,
  AttackEnrichment,
  ContextEnrichment,
  PolicyEnrichment,
  SessionEnrichment,
  ToolEnrichment,
} from '../output.ts';
import type { Contribution } from './formula.ts';
import { ACTOR_WEIGHTS, ATTACK_WEIGHTS, CONTENT_WEIGHTS, POLICY_WEIGHTS } from './weights.ts';

/** What the risk of one event is made of: the verdicts of the other enrichers. */
export type RiskSignals = {
  readonly event: CloudTrailEvent;
  readonly action: ActionEnrichment;
  readonly attack: AttackEnrichment | undefined;
  readonly policy?: PolicyEnrichment | undefined;
  readonly session?: SessionEnrichment | undefined;
  readonly tool?: ToolEnrichment | undefined;
  readonly context?: ContextEnrichment | undefined;
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
  const { event, policy, session, tool, context } = signals;
  return (
    (policy !== undefined && policy.status !== 'not_applicable') ||
    session?.verdict === 'different_source' ||
    session?.verdict === 'multiple_sources' ||
    tool?.kind === 'attack' ||
    context?.foreign_accounts !== undefined ||
    context?.principal?.kind === BREAK_GLASS ||
    isRoot(event)
  );
}

/** Signals beside action and techniques, in a fixed order. */
export function dynamicContributions(signals: RiskSignals): Contribution[] {
  return [
    ...policyContributions(signals.policy),
    ...sessionContributions(signals.session),
    ...toolContributions(signals.tool),
    ...callerContributions(signals),
  ];
}

/** The company file's word for an emergency principal. */
const BREAK_GLASS = 'break-glass';

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

function sessionContributions(session: SessionEnrichment | undefined): Contribution[] {
  const reason =
    session?.verdict === 'different_source'
      ? 'key_used_from_new_source'
      : session?.verdict === 'multiple_sources'
        ? 'session_used_from_several_sources'
        : undefined;
  if (reason === undefined) return [];
  return [{ reason, weight: ACTOR_WEIGHTS[reason][session?.fidelity ?? 'low'], ofContent: false }];
}

function toolContributions(tool: ToolEnrichment | undefined): Contribution[] {
  if (tool?.kind !== 'attack') return [];
  return [{ reason: 'attack_tool', weight: ACTOR_WEIGHTS.attack_tool[tool.confidence], ofContent: false }];
}

function callerContributions({ event, action, context }: RiskSignals): Contribution[] {
  const tier = action.access_level === 'List' || action.access_level === 'Read' ? 'read' : 'write';
  const contributions: Contribution[] = [];
  const add = (reason: 'root_user' | 'break_glass_principal' | 'unknown_foreign_account'): void => {
    contributions.push({ reason, weight: ACTOR_WEIGHTS[reason][tier], ofContent: false });
  };
  if (isRoot(event)) add('root_user');
  if (context?.principal?.kind === BREAK_GLASS) add('break_glass_principal');
  if (context?.foreign_accounts?.some(({ relation }) => relation === 'unknown') === true)
    add('unknown_foreign_account');
  return contributions;
}

/** Root's own calls; what a service does on root's behalf is not root at the keyboard. */
function isRoot(event: CloudTrailEvent): boolean {
  const identity = event.userIdentity;
  return (
    readString(identity, 'type') === 'Root' &&
    readString(identity, 'invokedBy') === undefined &&
    event.eventType !== 'AwsServiceEvent'
  );
}
