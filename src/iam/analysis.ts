import type { ActionSet } from './action-set.ts';
import type { ActionCatalog } from './catalog.ts';

/** Kinds of policy. `organization` (SCP, RCP) is recognized and not analyzed. */
export const POLICY_KINDS = ['identity', 'trust', 'resource', 'session', 'boundary', 'organization'] as const;
export type PolicyKind = (typeof POLICY_KINDS)[number];

/** Severities, ascending; the same words as the service's risk levels. */
export const SEVERITIES = ['info', 'low', 'medium', 'high', 'critical'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** Kinds of damage, in the bit order of {@link RiskCategories.damage}: bit 0 is privilege escalation. */
export const DAMAGE_KINDS = [
  'privilege_escalation',
  'resource_exposure',
  'data_exfiltration',
  'credentials_exposure',
  'infrastructure_modification',
  'defense_impairment',
] as const;
export type DamageKind = (typeof DAMAGE_KINDS)[number];

/** Every type of finding, in the order findings are listed. */
export const FINDING_TYPES = [
  /** The policy allows every action on every resource. */
  'Admin',
  /** Anybody is allowed (trust and resource policies). */
  'PublicAccess',
  /** A documented way from these permissions to more; `path` names it. */
  'PrivilegeEscalation',
  /** Actions that change who may reach a resource. */
  'ResourceExposure',
  'CredentialsExposure',
  'DataExfiltration',
  /** Actions that stop or blind logging, detection or response. */
  'DefenseImpairment',
  'InfrastructureModification',
  /** Every action of a service. */
  'ServiceWildcard',
  /** A spelling that hides from plain string comparison, such as `?am:*` or `iam:Pass?ole`. */
  'PatternEvasion',
  /** Allow with NotAction on every resource: also what AWS will add later. */
  'UnboundedNotAction',
  /** Allow with NotResource: every resource but a few. */
  'UnboundedNotResource',
  /** `iam:PassRole` for every role and every service. */
  'UnboundedPassRole',
  /** Allow with NotPrincipal: everybody but a few. */
  'UnboundedNotPrincipal',
  /** Principals of another account are allowed. */
  'CrossAccountAccess',
  /** An identity provider's users are allowed, without the condition that tells them apart. */
  'FederatedAccess',
  /** Code that runs on a compute service can take the role. */
  'ComputeServiceAccess',
  /** An AWS service is allowed for whatever account it acts for (confused deputy). */
  'ServiceAccess',
  /** A statement AWS would refuse, or that says nothing we can read. */
  'MalformedStatement',
  /** A member that is written twice: readers disagree on which one counts. */
  'DuplicateKey',
  /** Analysis stopped at its bound. */
  'PolicyTooComplex',
  'PolicyTooLarge',
] as const;
export type FindingType = (typeof FINDING_TYPES)[number];

export type Finding = {
  readonly type: FindingType;
  readonly severity: Severity;
  /** `conditional`: a condition limits it, or it needs a target that this policy cannot show. */
  readonly certainty: 'direct' | 'conditional';
  /** Id of the escalation path. */
  readonly path?: string;
  /** All actions behind it, AWS's spelling, ascending by id (service, then name). May be empty. */
  readonly actions: readonly string[];
  /** Lower-case prefixes of those actions, ascending. */
  readonly services: readonly string[];
  /** Statements that cause it, in document order: Sid, or index when there is none. */
  readonly statements: readonly string[];
  /** One sentence; never holds text of the document. */
  readonly reason: string;
};

/** Who outside the account is allowed by a trust or resource policy. Lists ascending. */
export type Exposure = {
  readonly public: boolean;
  /** Foreign account ids; without `accountId` in the options, every named account. */
  readonly accounts: readonly string[];
  readonly federated: readonly string[];
  readonly services: readonly string[];
  readonly organizations: readonly string[];
  /** Condition keys that limit who is allowed, in lower case. */
  readonly conditions: readonly string[];
};

/**
 * Actions a statement allows or denies for a part of the world: certain resources, certain principals,
 * or under a condition. `key` is a hash of that part, so that two versions can be compared without text.
 */
export type Scope = {
  readonly key: string;
  /** True when the part is every resource (and the scope is one for its condition alone). */
  readonly wide: boolean;
  readonly conditional: boolean;
  readonly actions: ActionSet;
  /** Keys of some parts that hold this one, ascending: what is allowed there is allowed here. */
  readonly within: readonly string[];
};

/** Effective permissions, as much as the comparison of two versions needs. */
export type Grants = {
  /** {@link ActionCatalog.hash}: numbers mean something only under the same catalog. */
  readonly catalog: string;
  /** Allowed on every resource without condition, minus what an unconditional Deny takes away. */
  readonly direct: ActionSet;
  /** Allowed for a part of the world, ascending by key, minus `direct` and what is denied. */
  readonly scopes: readonly Scope[];
  /** Denied for a part of the world; wide and not conditional: left out by every Allow. */
  readonly denies: readonly Scope[];
  /** Lower-case actions and patterns that match nothing in the catalog, ascending (at most 64). */
  readonly unknown: readonly string[];
  /** False when a list was cut at its bound: a comparison then says `unknown` unless all is equal. */
  readonly complete: boolean;
};

export type PolicyStatus = 'analyzed' | 'invalid' | 'too_large' | 'too_complex' | 'not_applicable';

/** The analysis of one document. Deep-frozen, and the same for the same document, order and case aside. */
export type PolicyAnalysis = {
  readonly status: PolicyStatus;
  /** Why the status is not `analyzed`. */
  readonly reason?: string;
  readonly kind: PolicyKind;
  /** Highest severity among the findings; `info` without any. */
  readonly riskLevel: Severity;
  readonly isAdmin: boolean;
  readonly isPublic: boolean;
  /** Ordered by type, path, then statements. */
  readonly findings: readonly Finding[];
  /** Findings per type. */
  readonly counts: { readonly [type: string]: number };
  /** Trust and resource policies only. */
  readonly exposure?: Exposure;
  readonly grants: Grants;
};

/** What a version changes against the one before it. Lists ascending, all of them whole. */
export type PolicyChange = {
  readonly verdict: 'broadened' | 'narrowed' | 'unchanged' | 'mixed' | 'unknown';
  readonly addedFindings: readonly Finding[];
  readonly removedFindings: readonly Finding[];
  /** Actions allowed now, in whatever scope, that were not allowed at all. */
  readonly addedActions: number;
  readonly removedActions: number;
  /** Added or widened actions that belong to a risk category other than infrastructure modification. */
  readonly addedRiskyActions: readonly string[];
};

export type AnalyzeOptions = {
  /** Inferred from the document when absent, see `inferKind`. */
  readonly kind?: PolicyKind;
  /** The event's own account: tells own from foreign principals. */
  readonly accountId?: string;
  /** Longest document in UTF-16 code units, white space included (default 131,072). */
  readonly maxBytes?: number;
  /** Most statements (default 1,000). */
  readonly maxStatements?: number;
  /** Most steps of matching (default keeps any document under 20 ms). */
  readonly budget?: number;
};

/**
 * What the risk data says of every action. `knowledge/risk-categories.ts` loads it from `data/risk.json`.
 */
export interface RiskCategories {
  /** Per action id: bit i set when the action can do `DAMAGE_KINDS[i]`. */
  readonly damage: Uint8Array;
  /** Per action id: risk of one successful call, 0 to 100, before any context. */
  readonly base: Uint8Array;
  /** Per action id: index into `reasonCodes`; 0 is "none". */
  readonly reason: Uint8Array;
  /** Stable codes of why an action is where it is, such as `changes_resource_policy`. */
  readonly reasonCodes: readonly string[];
  /** Short hash of the above. */
  readonly hash: string;
}

/** One documented way from some permissions to more. */
export type EscalationPath = {
  /** Stable id: pathfinding.cloud's where it has one (`iam-001`), else ours (`detrails-…`). */
  readonly id: string;
  readonly title: string;
  /** Ids of the actions that are all needed. */
  readonly actions: readonly number[];
  /** True when an existing target with a stronger role is needed, which no policy can show. */
  readonly conditional: boolean;
  /** The service the role is passed to, for paths through `iam:PassRole`. */
  readonly passedTo?: string;
  /** Where it is described. */
  readonly reference?: string;
};

/** ARN formats an action must be allowed on: all of them, or any of them. */
export type ResourceNeed = { readonly any: boolean; readonly formats: readonly number[] };

/** The ARN formats of AWS's resource types. `knowledge/resource-types.ts` loads them. */
export interface ResourceTypes {
  /** Distinct ARN formats with every variable written `*`, such as `arn:*:iam::*:role/*`. */
  readonly formats: readonly string[];
  /** What an action needs; undefined when AWS publishes no resource type for it. */
  needOf(actionId: number): ResourceNeed | undefined;
}

/** Everything the analysis knows besides the document. */
export type PolicyKnowledge = {
  readonly catalog: ActionCatalog;
  readonly risk: RiskCategories;
  readonly escalationPaths: readonly EscalationPath[];
  /** Without it, no ARN counts as every resource of its type, only patterns that match everything do. */
  readonly resourceTypes?: ResourceTypes;
};
