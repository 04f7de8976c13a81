import { ActionSet } from './action-set.ts';
import type { Grants, PolicyKind } from './analysis.ts';
import { type Condition, canonicalConditions, isAlwaysTrue } from './conditions.ts';
import { indexOfKnowledge } from './knowledge-index.ts';
import { matchesPattern } from './match-pattern.ts';
import type { Statement } from './parse-statement.ts';
import { guardOf } from './principal-limits.ts';
import type { PrincipalEntry } from './principals.ts';
import { ScopeCollector, shortHash } from './scopes.ts';
import { SET_STEPS, type Workshop } from './statement-grants.ts';
import { trustActions } from './trust-actions.ts';
import { unknownActions } from './unknown-actions.ts';

/** One principal of one Allow statement, and what is left for it after every Deny. */
export type Admission = {
  readonly statement: Statement;
  readonly principal: PrincipalEntry;
  /** True when the statement allows everybody but a list. */
  readonly isNotPrincipal: boolean;
  readonly actions: ActionSet;
  /** Conditions of the statement and those that Deny statements amount to; none when always true. */
  readonly conditions: readonly Condition[];
  readonly isConditional: boolean;
};

export type EvaluatedExposure = {
  readonly admissions: readonly Admission[];
  readonly grants: Grants;
};

type Denial = { readonly statement: Statement; readonly actions: ActionSet };

const EVERYBODY: PrincipalEntry = { kind: 'anybody', text: '*' };
/** Admissions of one document; beyond it the document counts as too complex. */
const MAX_ADMISSIONS = 4_096;
/** Pairs of principal and resource told apart per statement; beyond it resources count as one list. */
const MAX_PAIRS = 256;

/** Who is let in by a trust or resource policy, and to what. */
export function evaluateExposure(
  statements: readonly Statement[],
  kind: PolicyKind,
  workshop: Workshop,
): EvaluatedExposure {
  const { knowledge, expander, budget } = workshop;
  const index = indexOfKnowledge(knowledge);
  const relevant = kind === 'trust' ? trustActions(knowledge.catalog) : index.catalog.all;
  const expanded = statements
    .filter((statement) => statement.effect !== undefined && statement.actions.length > 0)
    .map((statement) => ({ statement, actions: actionsOf(statement, relevant, workshop) }));
  const denials = expanded.filter(({ statement }) => statement.effect === 'Deny');
  const admissions: Admission[] = [];
  const scopes = new ScopeCollector();
  for (const { statement, actions } of expanded) {
    if (statement.effect !== 'Allow') continue;
    const principals = admitted(statement, denials);
    const where = resourceParts(statement, principals.length);
    for (const principal of principals) {
      budget.spend(admissions.length >= MAX_ADMISSIONS ? Number.MAX_SAFE_INTEGER : 64);
      if (budget.isExhausted) break;
      const admission = admit(statement, principal, actions, denials, workshop);
      if (admission.actions.isEmpty) continue;
      admissions.push(admission);
      addScopes(scopes, admission, where);
    }
  }
  const finished = scopes.finish();
  const denies = denyScopes(denials).finish();
  const { unknown, isComplete } = unknownActions(statements, expander);
  return {
    admissions,
    grants: {
      catalog: knowledge.catalog.hash,
      direct: index.catalog.none,
      scopes: finished.scopes,
      denies: denies.scopes,
      unknown,
      complete: finished.isComplete && denies.isComplete && isComplete,
    },
  };
}

function actionsOf(statement: Statement, relevant: ActionSet, workshop: Workshop): ActionSet {
  const named = workshop.expander.expandAll(statement.actions);
  workshop.budget.spend(SET_STEPS);
  const actions = statement.isNotAction ? relevant.difference(named) : named.intersection(relevant);
  const services = resourceServices(statement);
  if (services === undefined || actions.size < 1_000) return actions;
  const { catalog } = workshop.knowledge;
  const part = ActionSet.empty(indexOfKnowledge(workshop.knowledge).catalog.size);
  for (const service of services) {
    const range = catalog.services.get(service);
    if (range !== undefined) part.addRange(range[0], range[1]);
  }
  return part.isEmpty ? actions : actions.intersection(part);
}

/** The services of a statement's resources: `*` on a bucket means S3's actions, not all of AWS's. */
function resourceServices(statement: Statement): ReadonlySet<string> | undefined {
  if (statement.isNotResource || statement.resources.length === 0) return undefined;
  const services = new Set<string>();
  for (const resource of statement.resources) {
    const service = resource.split(':', 3)[2];
    if (service === undefined || service === '' || /[*?]/.test(service)) return undefined;
    services.add(service);
  }
  return services;
}

/** The principals of an Allow: with an unconditional `Deny NotPrincipal`, only those it spares. */
function admitted(statement: Statement, denials: readonly Denial[]): readonly PrincipalEntry[] {
  const named = statement.isNotPrincipal ? [EVERYBODY] : statement.principals;
  const spared = denials.find(
    ({ statement: deny }) => deny.isNotPrincipal && isUnconditional(deny) && coversResources(deny, statement),
  );
  if (spared === undefined) return named;
  const list = spared.statement.principals;
  if (named.some(({ kind }) => kind === 'anybody')) return list;
  return named.filter((one) => list.some((other) => other.text === one.text));
}

function admit(
  statement: Statement,
  principal: PrincipalEntry,
  granted: ActionSet,
  denials: readonly Denial[],
  workshop: Workshop,
): Admission {
  let actions = granted;
  const conditions: Condition[] = isAlwaysTrue(statement.conditions) ? [] : [...statement.conditions];
  for (const denial of denials) {
    const deny = denial.statement;
    if (deny.isNotPrincipal || !hitsPrincipal(deny, principal)) continue;
    if (!coversResources(deny, statement, workshop)) continue;
    workshop.budget.spend(64);
    if (isUnconditional(deny)) actions = actions.difference(denial.actions);
    else if (actions.isWithin(denial.actions)) {
      const guard = deny.hasUnreadableCondition ? undefined : guardOf(deny.conditions);
      if (guard !== undefined) conditions.push(guard);
    }
  }
  return {
    statement,
    principal,
    isNotPrincipal: statement.isNotPrincipal,
    actions,
    conditions,
    isConditional: statement.hasUnreadableCondition || conditions.length > 0,
  };
}

function isUnconditional(statement: Statement): boolean {
  return !statement.hasUnreadableCondition && isAlwaysTrue(statement.conditions);
}

/** A Deny for everybody hits everybody; one for named principals only those it names the same way. */
function hitsPrincipal(deny: Statement, principal: PrincipalEntry): boolean {
  return deny.principals.some((one) => one.text === '*' || one.text === principal.text);
}

/** True when every resource of the Allow is one the Deny names. */
function coversResources(deny: Statement, allow: Statement, workshop?: Workshop): boolean {
  if (!deny.hasResource || deny.resources.includes('*')) return !deny.isNotResource;
  if (deny.isNotResource || allow.isNotResource || allow.resources.length === 0) return false;
  return allow.resources.every((resource) =>
    deny.resources.some(
      (pattern) =>
        pattern === resource ||
        (workshop !== undefined && matchesPattern(pattern, resource, workshop.budget)),
    ),
  );
}

/** The resources of a statement one by one, or as one list where that makes too many pairs. */
function resourceParts(statement: Statement, principalCount: number): readonly string[] {
  const { resources } = statement;
  if (resources.length === 0) return [''];
  if (resources.length * principalCount <= MAX_PAIRS) return resources;
  return [`list ${shortHash([...resources].sort().join())}`];
}

function addScopes(scopes: ScopeCollector, admission: Admission, where: readonly string[]): void {
  const { statement, principal, actions, isConditional, conditions } = admission;
  const who = statement.isNotPrincipal
    ? `not ${statement.principals
        .map(({ text }) => text)
        .sort()
        .join()}`
    : principal.text;
  const limit = canonicalConditions(conditions) + (statement.hasUnreadableCondition ? 'unreadable' : '');
  for (const resource of where) {
    const part = [who, statement.isNotResource ? `not ${resource}` : resource, limit];
    scopes.add(part, { wide: false, conditional: isConditional }, actions);
  }
}

function denyScopes(denials: readonly Denial[]): ScopeCollector {
  const scopes = new ScopeCollector();
  for (const { statement, actions } of denials) {
    const who =
      (statement.isNotPrincipal ? 'not ' : '') +
      statement.principals
        .map(({ text }) => text)
        .sort()
        .join();
    const where = (statement.isNotResource ? 'not ' : '') + [...statement.resources].sort().join();
    const part = [who, where, canonicalConditions(statement.conditions)];
    scopes.add(part, { wide: false, conditional: !isUnconditional(statement) }, actions);
  }
  return scopes;
}
