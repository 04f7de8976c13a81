import { ActionSet } from './action-set.ts';
import type { Grants, PolicyKind } from './analysis.ts';
import { type Condition, canonicalConditions, conditionSteps, isAlwaysTrue } from './conditions.ts';
import { coversResources, type Denial, DenialIndex, denialOf } from './denials.ts';
import { indexOfKnowledge } from './knowledge-index.ts';
import type { Statement } from './parse-statement.ts';
import { guardOf, limitsOf, type PrincipalLimits } from './principal-limits.ts';
import type { PrincipalEntry } from './principals.ts';
import { type Part, ScopeCollector, shortHash } from './scopes.ts';
import { SET_STEPS, type Workshop } from './statement-grants.ts';
import { trustActions } from './trust-actions.ts';
import { unknownActions } from './unknown-actions.ts';
import { type Place, widerPlaces } from './wider-parts.ts';

/** One principal of one Allow statement, and what is left for it after every Deny. */
export type Admission = {
  readonly statement: Statement;
  readonly principal: PrincipalEntry;
  /** True when the statement allows everybody but a list. */
  readonly isNotPrincipal: boolean;
  readonly rest: Rest;
};

/** What is left of an Allow: one for all principals that the same Deny statements hit. */
export type Rest = {
  readonly actions: ActionSet;
  /** Conditions of the statement and those that Deny statements amount to; none when always true. */
  readonly conditions: readonly Condition[];
  readonly isConditional: boolean;
  readonly limits: PrincipalLimits;
  /** The conditions as one text that is the same for equal ones. */
  readonly limit: string;
  /** Steps of one look at every condition. */
  readonly steps: number;
};

export type EvaluatedExposure = {
  readonly admissions: readonly Admission[];
  readonly grants: Grants;
};

const EVERYBODY: PrincipalEntry = { kind: 'anybody', text: '*' };
/** Admissions of one document; beyond it the document counts as too complex. */
const MAX_ADMISSIONS = 4_096;
/** Steps of one principal, besides what is left for it. */
const ADMISSION_STEPS = 96;
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
  const denials = expanded
    .filter(({ statement }) => statement.effect === 'Deny')
    .map(({ statement, actions }) => denialOf(statement, actions));
  const hits = new DenialIndex(denials, budget);
  const admissions: Admission[] = [];
  const scopes = new ScopeCollector(budget);
  for (const { statement, actions } of expanded) {
    if (statement.effect !== 'Allow') continue;
    const principals = admitted(statement, denials, workshop);
    const where = resourceParts(statement, principals.length);
    const covering = new Map<Denial, boolean>();
    const rests = new Map<readonly number[], Rest>();
    for (const principal of principals) {
      budget.spend(admissions.length >= MAX_ADMISSIONS ? Number.MAX_SAFE_INTEGER : ADMISSION_STEPS);
      if (budget.isExhausted) break;
      const hitting = hits.hitting(principal);
      let rest = rests.get(hitting);
      if (rest === undefined) {
        const applying = hitting
          .map((number) => denials[number])
          .filter((one) => one !== undefined)
          .filter((one) => covers(one, statement, covering, workshop));
        rest = restOf(statement, actions, applying, workshop);
        rests.set(hitting, rest);
      }
      if (rest.actions.isEmpty) continue;
      const admission = { statement, principal, isNotPrincipal: statement.isNotPrincipal, rest };
      admissions.push(admission);
      addScopes(scopes, admission, where);
    }
  }
  const finished = scopes.finish();
  const denies = denyScopes(denials, workshop).finish();
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
function admitted(
  statement: Statement,
  denials: readonly Denial[],
  { budget }: Workshop,
): readonly PrincipalEntry[] {
  const named = statement.isNotPrincipal ? [EVERYBODY] : statement.principals;
  const spared = denials.find(
    (denial) =>
      denial.statement.isNotPrincipal &&
      denial.isUnconditional &&
      coversResources(denial, statement, budget, []),
  );
  if (spared === undefined) return named;
  const list = spared.statement.principals;
  if (named.some(({ kind }) => kind === 'anybody')) return list;
  const texts = new Set(list.map(({ text }) => text));
  budget.spend(list.length);
  return named.filter((one) => texts.has(one.text));
}

/** {@link coversResources}, found out once for each Deny and Allow. */
function covers(
  denial: Denial,
  statement: Statement,
  known: Map<Denial, boolean>,
  { budget }: Workshop,
): boolean {
  let isCovering = known.get(denial);
  if (isCovering === undefined) {
    isCovering = !budget.isExhausted && coversResources(denial, statement, budget);
    known.set(denial, isCovering);
  }
  return isCovering;
}

function restOf(
  statement: Statement,
  granted: ActionSet,
  denials: readonly Denial[],
  { budget }: Workshop,
): Rest {
  let actions = granted;
  budget.spend(denials.length * 64);
  for (const { isUnconditional, actions: denied } of denials)
    if (isUnconditional) actions = actions.difference(denied);
  const conditions: Condition[] = isAlwaysTrue(statement.conditions) ? [] : [...statement.conditions];
  for (const { isUnconditional, statement: deny, actions: denied } of denials) {
    if (isUnconditional || deny.hasUnreadableCondition || !actions.isWithin(denied)) continue;
    const guard = guardOf(deny.conditions);
    if (guard !== undefined) conditions.push(guard);
  }
  const steps = conditionSteps(conditions);
  budget.spend(steps);
  return {
    actions,
    conditions,
    isConditional: statement.hasUnreadableCondition || conditions.length > 0,
    limits: limitsOf(conditions),
    limit: canonicalConditions(conditions) + (statement.hasUnreadableCondition ? 'unreadable' : ''),
    steps,
  };
}

/** The resources of a statement one by one, or as one list where that makes too many pairs. */
function resourceParts(statement: Statement, principalCount: number): readonly string[] {
  const { resources } = statement;
  if (resources.length === 0) return [''];
  if (resources.length * principalCount <= MAX_PAIRS) return resources;
  return [`list ${shortHash([...resources].sort().join())}`];
}

function addScopes(scopes: ScopeCollector, admission: Admission, places: readonly string[]): void {
  const { statement, principal, rest } = admission;
  const who = statement.isNotPrincipal
    ? `not ${statement.principals
        .map(({ text }) => text)
        .sort()
        .join()}`
    : principal.text;
  for (const resource of places) {
    const where = statement.isNotResource ? `not ${resource}` : resource;
    const wider = (): Part[] =>
      widerPlaces({ who, where, limit: rest.limit }).map((place) => ({ wide: false, part: partOf(place) }));
    const part = partOf({ who, where, limit: rest.limit });
    scopes.add(part, { wide: false, conditional: rest.isConditional }, rest.actions, wider);
  }
}

function partOf({ who = '', where, limit }: Place): readonly string[] {
  return [who, where, limit];
}

function denyScopes(denials: readonly Denial[], { budget }: Workshop): ScopeCollector {
  const scopes = new ScopeCollector(budget);
  for (const { statement, actions, isUnconditional } of denials) {
    const who =
      (statement.isNotPrincipal ? 'not ' : '') +
      statement.principals
        .map(({ text }) => text)
        .sort()
        .join();
    const where = (statement.isNotResource ? 'not ' : '') + [...statement.resources].sort().join();
    const part = [who, where, canonicalConditions(statement.conditions)];
    scopes.add(part, { wide: false, conditional: !isUnconditional }, actions);
  }
  return scopes;
}
