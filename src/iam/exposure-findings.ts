import type { ActionSet } from './action-set.ts';
import type { Exposure, Finding, FindingType, PolicyKind, PolicyKnowledge, Severity } from './analysis.ts';
import { isComputeService } from './compute-services.ts';
import type { Admission } from './evaluate-exposure.ts';
import { judgeFederation } from './federated.ts';
import { makeFinding } from './finding-builder.ts';
import { indexOfKnowledge } from './knowledge-index.ts';
import type { PrincipalLimits } from './principal-limits.ts';
import { accountOf } from './principals.ts';
import { NOTES, REASONS } from './reasons.ts';
import type { Workshop } from './statement-grants.ts';

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
  workshop: Pick<Workshop, 'knowledge' | 'budget'>,
): { readonly findings: Finding[]; readonly exposure: Exposure; readonly isPublic: boolean } {
  const { knowledge, budget } = workshop;
  const drafts = new Map<string, Draft>();
  const exposure = new ExposureBuilder();
  const accountsOf = new Map<PrincipalLimits, readonly string[]>();
  for (const admission of admissions) {
    if (budget.isExhausted) break;
    if (admission.principal.kind === 'federated') budget.spend(admission.rest.steps);
    const { limits } = admission.rest;
    const accounts = foreignAccounts(admission, limits, accountId, accountsOf);
    exposure.add(admission, limits, accounts);
    for (const verdict of judge(admission, limits, accounts, kind, accountId, knowledge)) {
      const key = `${verdict.type} ${verdict.certainty} ${verdict.severity ?? ''} ${verdict.reason ?? ''}`;
      const draft = drafts.get(key);
      if (draft === undefined) {
        drafts.set(key, {
          ...verdict,
          actions: admission.rest.actions,
          statements: new Set([admission.statement.label]),
        });
      } else {
        const { actions } = admission.rest;
        if (!actions.isWithin(draft.actions)) draft.actions = draft.actions.union(actions);
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
  { principal }: Admission,
  limits: PrincipalLimits,
  accountId: string | undefined,
  known: Map<PrincipalLimits, readonly string[]>,
): readonly string[] {
  const foreign = (named: readonly string[]): readonly string[] =>
    named.filter((account) => /^\d{12}$/.test(account) && account !== accountId);
  if (principal.kind === 'account') return foreign([principal.account]);
  if (principal.kind === 'federated') return foreign([accountOf(principal.provider) ?? '']);
  const accounts = known.get(limits) ?? foreign(limits.accounts ?? []);
  known.set(limits, accounts);
  return accounts;
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
      const problem = judgeFederation(principal.provider, admission.rest.conditions);
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
  if (!admission.rest.isConditional) return [{ type, certainty: 'direct', severity }];
  return [{ type, certainty: 'conditional', severity: 'high', reason: NOTES.weakPublic }];
}

/** True when the actions do more than read and list. */
function changesAnything(admission: Admission, knowledge: PolicyKnowledge): boolean {
  return admission.rest.actions.meets(indexOfKnowledge(knowledge).categories.InfrastructureModification);
}

function crossAccount(admission: Admission, limits: PrincipalLimits, accountId: string | undefined): Verdict {
  const type = 'CrossAccountAccess';
  if (accountId === undefined)
    return { type, certainty: 'conditional', severity: 'medium', reason: NOTES.unknownAccount };
  if (limits.hasExternalId) return { type, certainty: 'conditional', reason: NOTES.externalId };
  return admission.rest.isConditional
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
      return admission.rest.isConditional
        ? []
        : [{ type: 'FederatedAccess', certainty: 'direct', severity: 'medium', reason: NOTES.rolesAnywhere }];
    }
    return isComputeService(service) ? [{ type: 'ComputeServiceAccess', certainty: 'direct' }] : [];
  }
  if (limits.accounts !== undefined)
    return accounts.length === 0 ? [] : [crossAccount(admission, limits, accountId)];
  if (limits.organizations !== undefined || limits.isLimitedOtherwise) return [];
  return [{ type: 'ServiceAccess', certainty: admission.rest.isConditional ? 'conditional' : 'direct' }];
}

/** Gathers the exposure, list by list. */
class ExposureBuilder {
  isPublic = false;
  readonly #added = new Set<readonly string[]>();
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
    this.#addAll(lists.accounts, accounts);
    if (principal.kind === 'anybody' || principal.kind === 'service') {
      this.#addAll(lists.organizations, limits.organizations ?? []);
    }
    this.#addAll(lists.conditions, limits.keys);
  }

  /** Adds a list once: thousands of principals may share it. */
  #addAll(set: Set<string>, texts: readonly string[]): void {
    if (texts.length > 1) {
      if (this.#added.has(texts)) return;
      this.#added.add(texts);
    }
    for (const text of texts) set.add(text.slice(0, 128));
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
