import type { PolicyEnrichment } from '../output.ts';

/** What the risk of an event depends on, of all that the policy enricher says. */
export type PolicySignals = {
  /** True when the event brings the policy into force, or could: it creates, changes, attaches or activates. */
  readonly gives: boolean;
  /** True when the policy grants by itself; session policies and boundaries only limit. */
  readonly grants: boolean;
  readonly riskLevel: PolicyEnrichment['risk_level'];
  readonly isAdmin: boolean;
  readonly isPublic: boolean;
  readonly verdict: NonNullable<PolicyEnrichment['change']>['verdict'] | undefined;
  readonly foreignAccounts: readonly string[];
  /** The document could not be read at all: hidden, omitted, too large or too complex. */
  readonly isWithheld: boolean;
  /** Activations that had to say unknown are answered by this event. */
  readonly answersLate: boolean;
};

/** Reads the signals off a policy enrichment. */
export function policySignals(policy: PolicyEnrichment): PolicySignals {
  return {
    gives: !TAKES.has(policy.operation ?? ''),
    grants: policy.kind !== 'session' && policy.kind !== 'boundary' && policy.kind !== 'organization',
    riskLevel: policy.risk_level,
    isAdmin: policy.is_admin === true,
    isPublic: policy.is_public === true,
    verdict: policy.change?.verdict,
    foreignAccounts: policy.exposure?.accounts ?? NONE,
    isWithheld: WITHHELD_STATUS.has(policy.status),
    answersLate: policy.late !== undefined,
  };
}

const NONE: readonly string[] = Object.freeze([]);
const WITHHELD_STATUS: ReadonlySet<string> = new Set(['hidden', 'omitted', 'too_large', 'too_complex']);

/** Operations that only take a policy away; what they report is what was lost. */
const TAKES: ReadonlySet<string> = new Set([
  'detach',
  'delete',
  'delete_version',
  'delete_inline',
  'remove_boundary',
  'remove_resource_policy',
  'remove_permission',
]);
