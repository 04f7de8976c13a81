import type { ActionSet } from './action-set.ts';
import type { Exposure, Finding, FindingType, PolicyKind, PolicyKnowledge, Severity } from './analysis.ts';
import { isComputeService } from './compute-services.ts';
import type { Admission } from './evaluate-exposure.ts';
import { judgeFederation } from './federated.ts';
import { makeFinding } from './finding-builder.ts';
import { indexOfKnowledge } from './knowledge-index.ts';
import { limitsOf, type PrincipalLimits } from './principal-limits.ts';
import { accountOf } from './principals.ts';
import { NOTES, REASONS } from './reasons.ts';

/** What one admission amounts to. */
type Verdict = {
  readonly type: FindingType;
  readonly certainty: Finding['certainty'];
  readonly severity?: Severity;
  readonly reason?: string;
};

type Draft = Verdict & { readonly statements: Set<string>; actions: ActionSet };

/** Who outside the account a trust or resource policy lets in, and what is risky about it. */
export function exposureFindings(
  admissions: readonly Admission[],
  kind: PolicyKind,
  accountId: string | undefined,
  knowledge: PolicyKnowledge,
): { readonly findings: Finding[]; readonly exposure: Exposure; readonly isPublic: boolean } {
  const drafts = new Map<string, Draft>();
  const exposure = new ExposureBuilder();
  for (const admission of admissions) {
    const limits = limitsOf(admission.conditions);
    const accounts = foreignAccounts(admission, limits, accountId);
    exposure.add(admission, limits, accounts);
    for (const verdict of judge(admission, limits, accounts, kind, accountId, knowledge)) {
      const key = `${verdict.type} ${verdict.certainty} ${verdict.severity ?? ''} ${verdict.reason ?? ''}`;
      const draft = drafts.get(key);
      if (draft === undefined) {
        drafts.set(key, {
          ...verdict,
          actions: admission.actions,
          statements: new Set([admission.statement.label]),
        });
      } else {
        draft.actions = draft.actions.union(admission.actions);
        draft.statements.add(admission.statement.label);
      }
    }
  }
  const findings = [...drafts.values()].map((draft) =>
    makeFinding({ ...draft, statements: [...draft.statements] }, knowledge.catalog),
  );
  return { findings, exposure: exposure.finish(), isPublic: exposure.isPublic };
}

/**
 * The foreign accounts an admission is for: those its conditions name, or the principal's own. Without the
 * account of the event every one named counts.
 */
function foreignAccounts(
  admission: Admission,
  limits: PrincipalLimits,
  accountId: string | undefined,
): readonly string[] {
  const { principal } = admission;
  const named =
    principal.kind === 'account'
      ? [principal.account]
      : principal.kind === 'federated'
        ? [accountOf(principal.provider) ?? '']
        : (limits.accounts ?? []);
  return named.filter((account) => /^\d{12}$/.test(account) && account !== accountId);
}

function judge(
  admission: Admission,
  limits: PrincipalLimits,
  accounts: readonly string[],
  kind: PolicyKind,
  accountId: string | undefined,
  knowledge: PolicyKnowledge,
): Verdict[] {
  const { principal } = admission;
  switch (principal.kind) {
    case 'anybody':
      return judgeAnybody(admission, limits, accounts, kind, accountId, knowledge);
    case 'account':
      return accounts.length === 0 ? [] : [crossAccount(admission, limits, accountId)];
    case 'opaque':
      return [{ type: 'CrossAccountAccess', certainty: 'conditional', reason: NOTES.opaque }];
    case 'federated': {
      const problem = judgeFederation(principal.provider, admission.conditions);
      return problem === undefined ? [] : [{ type: 'FederatedAccess', certainty: 'direct', ...problem }];
    }
    case 'service':
      return judgeService(principal.service, admission, limits, accounts, kind, accountId);
  }
}

function judgeAnybody(
  admission: Admission,
  limits: PrincipalLimits,
  accounts: readonly string[],
  kind: PolicyKind,
  accountId: string | undefined,
  knowledge: PolicyKnowledge,
): Verdict[] {
  if (limits.accounts !== undefined)
    return accounts.length === 0 ? [] : [crossAccount(admission, limits, accountId)];
  if (limits.organizations !== undefined) {
    return [
      {
        type: 'CrossAccountAccess',
        certainty: 'conditional',
        severity: 'medium',
        reason: NOTES.organization,
      },
    ];
  }
  const type = admission.isNotPrincipal ? 'UnboundedNotPrincipal' : 'PublicAccess';
  if (limits.isLimitedOtherwise) return [{ type, certainty: 'conditional', reason: NOTES.limitedPublic }];
  const severity = kind === 'trust' || changesAnything(admission, knowledge) ? 'critical' : 'high';
  if (!admission.isConditional) return [{ type, certainty: 'direct', severity }];
  return [{ type, certainty: 'conditional', severity: 'high', reason: NOTES.weakPublic }];
}

/** True when the actions do more than read and list. */
function changesAnything(admission: Admission, knowledge: PolicyKnowledge): boolean {
  return admission.actions.meets(indexOfKnowledge(knowledge).categories.InfrastructureModification);
}

function crossAccount(admission: Admission, limits: PrincipalLimits, accountId: string | undefined): Verdict {
  const type = 'CrossAccountAccess';
  if (accountId === undefined)
    return { type, certainty: 'conditional', severity: 'medium', reason: NOTES.unknownAccount };
  if (limits.hasExternalId) return { type, certainty: 'conditional', reason: NOTES.externalId };
  return admission.isConditional
    ? { type, certainty: 'conditional', reason: REASONS[type] + NOTES.condition }
    : { type, certainty: 'direct' };
}

function judgeService(
  service: string,
  admission: Admission,
  limits: PrincipalLimits,
  accounts: readonly string[],
  kind: PolicyKind,
  accountId: string | undefined,
): Verdict[] {
  if (kind === 'trust') {
    if (service === 'rolesanywhere.amazonaws.com') {
      return admission.isConditional
        ? []
        : [{ type: 'FederatedAccess', certainty: 'direct', severity: 'medium', reason: NOTES.rolesAnywhere }];
    }
    return isComputeService(service) ? [{ type: 'ComputeServiceAccess', certainty: 'direct' }] : [];
  }
  if (limits.accounts !== undefined)
    return accounts.length === 0 ? [] : [crossAccount(admission, limits, accountId)];
  if (limits.organizations !== undefined || limits.isLimitedOtherwise) return [];
  return [{ type: 'ServiceAccess', certainty: admission.isConditional ? 'conditional' : 'direct' }];
}

/** Gathers the exposure, list by list. */
class ExposureBuilder {
  isPublic = false;
  readonly #lists = {
    accounts: new Set<string>(),
    federated: new Set<string>(),
    services: new Set<string>(),
    organizations: new Set<string>(),
    conditions: new Set<string>(),
  };

  add(admission: Admission, limits: PrincipalLimits, accounts: readonly string[]): void {
    const { principal } = admission;
    const lists = this.#lists;
    const isBounded =
      limits.accounts !== undefined || limits.organizations !== undefined || limits.isLimitedOtherwise;
    if (principal.kind === 'anybody' && !isBounded) this.isPublic = true;
    if (principal.kind === 'federated') lists.federated.add(principal.provider.slice(0, 256));
    if (principal.kind === 'service') lists.services.add(principal.service.slice(0, 128));
    for (const account of accounts) lists.accounts.add(account);
    if (principal.kind === 'anybody' || principal.kind === 'service') {
      for (const organization of limits.organizations ?? []) lists.organizations.add(organization);
    }
    for (const key of limits.keys) lists.conditions.add(key.slice(0, 128));
  }

  finish(): Exposure {
    const sorted = (set: ReadonlySet<string>): readonly string[] => Object.freeze([...set].sort());
    return Object.freeze({
      public: this.isPublic,
      accounts: sorted(this.#lists.accounts),
      federated: sorted(this.#lists.federated),
      services: sorted(this.#lists.services),
      organizations: sorted(this.#lists.organizations),
      conditions: sorted(this.#lists.conditions),
    });
  }
}
