import type { ActionSet } from './action-set.ts';
import type { Grants } from './analysis.ts';
import type { Budget } from './budget.ts';
import { canonicalConditions } from './conditions.ts';
import { indexOfKnowledge } from './knowledge-index.ts';
import type { Statement } from './parse-statement.ts';
import { type Part, ScopeCollector } from './scopes.ts';
import { grantsOf, type StatementGrants, type Workshop } from './statement-grants.ts';
import { unknownActions } from './unknown-actions.ts';
import { CUT, widerPlaces } from './wider-parts.ts';

/** What the statements of one policy allow together. */
export type EvaluatedPermissions = {
  /** Allowed on every resource, without condition. */
  readonly direct: ActionSet;
  /** Allowed on every resource under a condition, and not directly. */
  readonly conditional: ActionSet;
  /** Allowed on some resources only. */
  readonly scoped: ActionSet;
  /** The Allow statements that could be expanded. */
  readonly allows: readonly StatementGrants[];
  readonly grants: Grants;
};

/** Steps that one word of a statement's set costs in all that is done with it. */
const WORD_STEPS = 8;
/** What an Allow leaves out: wide and without condition, as no Deny that is a scope can be. */
const EXCEPTION = { wide: true, conditional: false };
/** Steps of adding one statement's set to what an exception leaves. */
const EXCEPTION_STEPS = 32;
/** Resources of NotResource compared one by one. */
const MAX_EXCEPTIONS = 16;

/** What Deny statements take away. */
type Denials = {
  /** On every resource. */
  readonly everywhere: ActionSet;
  /** On every resource or on all but some: nothing of it is wide any more. */
  readonly wide: ActionSet;
  readonly scopes: ScopeCollector;
};

/**
 * Allow minus Deny. A Deny takes away only where it always holds: without condition, on the resources it
 * covers. A Deny with NotResource leaves nothing but the resources it names.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */
export function evaluatePermissions(
  statements: readonly Statement[],
  workshop: Workshop,
): EvaluatedPermissions {
  const { knowledge, budget, expander } = workshop;
  const { none } = indexOfKnowledge(knowledge).catalog;
  const expanded: StatementGrants[] = [];
  for (const statement of statements) {
    if (budget.isExhausted) break;
    const grants = grantsOf(statement, workshop);
    if (grants === undefined) continue;
    budget.spend(grants.actions.weight * WORD_STEPS);
    expanded.push(grants);
  }
  const allows = expanded.filter((grants) => grants.statement.effect === 'Allow');
  const denied = expanded.filter((grants) => grants.statement.effect === 'Deny');
  const denials = collectDenials(denied, none, workshop);
  const wideOf = (isConditional: boolean): ActionSet[] =>
    allows.filter((one) => one.isConditional === isConditional).map(({ wide }) => wide);
  const allowedDirect = unionOf(wideOf(false), none);
  const allowedConditional = unionOf(wideOf(true), none);
  const allowed = allows.map(({ actions }) => actions);
  const all = unionOf(allowed, none);
  const direct = allowedDirect.difference(denials.wide);
  const conditional = allowedConditional.difference(denials.wide).difference(direct);
  const reach = all.difference(denials.everywhere);
  const scopes = collectScopes(allows, denials, reach, direct, budget).finish();
  collectExceptions(allows, denials.scopes, none, budget);
  const denies = denials.scopes.finish();
  const { unknown, isComplete } = unknownActions(statements, expander);
  return {
    direct,
    conditional,
    scoped: reach.difference(direct).difference(conditional),
    allows,
    grants: {
      catalog: knowledge.catalog.hash,
      direct,
      scopes: scopes.scopes,
      denies: denies.scopes,
      unknown,
      complete: scopes.isComplete && denies.isComplete && isComplete,
    },
  };
}

/** The union of sets; equal lists of actions share one set, which is added once. */
function unionOf(sets: readonly ActionSet[], none: ActionSet): ActionSet {
  const [first = none, ...others] = new Set(sets);
  if (others.length === 0) return first;
  const result = first.copy();
  for (const set of others) result.addAll(set);
  return result;
}

function collectDenials(denies: readonly StatementGrants[], none: ActionSet, workshop: Workshop): Denials {
  const everywhere: ActionSet[] = [];
  const beyondList: ActionSet[] = [];
  const scopes = new ScopeCollector(workshop.budget);
  for (const grants of denies) {
    if (workshop.budget.isExhausted) break;
    const { statement, actions, isConditional } = grants;
    const conditions = isConditional ? conditionPart(statement) : '';
    if (isConditional && grants.coversAll) {
      scopes.add(['*', conditions, ...exceptions(statement)], { wide: true, conditional: true }, actions);
    } else if (statement.isNotResource) {
      beyondList.push(notCovered(grants, workshop));
      scopes.add(['not', ...exceptions(statement)], { wide: false, conditional: false }, actions);
    } else {
      if (!isConditional) everywhere.push(grants.wide);
      const rest = isConditional ? actions : actions.difference(grants.wide);
      for (const resource of statement.resources) {
        scopes.add([resource, conditions], { wide: false, conditional: isConditional }, rest);
      }
    }
  }
  return {
    everywhere: unionOf(everywhere, none),
    wide: unionOf([...everywhere, ...beyondList], none),
    scopes,
  };
}

/** What a Deny with NotResource denies on every resource of the type: all but what its list covers. */
function notCovered(grants: StatementGrants, workshop: Workshop): ActionSet {
  const listed = grantsOf({ ...grants.statement, isNotResource: false }, workshop);
  return grants.actions.difference(listed?.wide ?? grants.actions);
}

function collectScopes(
  allows: readonly StatementGrants[],
  denials: Denials,
  reach: ActionSet,
  direct: ActionSet,
  budget: Budget,
): ScopeCollector {
  const scopes = new ScopeCollector(budget);
  const open = reach.difference(direct);
  for (const { statement, actions, wide, coversAll, isConditional } of allows) {
    if (budget.isExhausted) break;
    const conditions = isConditional ? conditionPart(statement) : '';
    const except = exceptions(statement);
    if (isConditional) {
      const part = wide.intersection(open).difference(denials.wide);
      const all = (): Part[] => (except.length === 0 ? [] : [{ wide: true, part: ['*', conditions] }]);
      scopes.add(['*', conditions, ...except], { wide: true, conditional: true }, part, all);
    }
    const cut = wide.intersection(open).intersection(denials.wide);
    const unlimited = (): Part[] => (conditions === '' ? [] : [{ wide: false, part: [CUT, ''] }]);
    scopes.add([CUT, conditions], { wide: false, conditional: isConditional }, cut, unlimited);
    if (coversAll) continue;
    const rest = actions.difference(wide).intersection(open);
    for (const resource of statement.resources) {
      const wider = (): Part[] => widerParts(resource, conditions);
      scopes.add([resource, conditions], { wide: false, conditional: isConditional }, rest, wider);
    }
  }
  return scopes;
}

/** Every resource without condition is no part but what is allowed directly. */
function widerParts(resource: string, conditions: string): Part[] {
  return widerPlaces({ who: undefined, where: resource, limit: conditions })
    .filter(({ where, limit }) => where !== '*' || limit !== '')
    .map(({ where, limit }) => ({ wide: where === '*', part: [where, limit] }));
}

/**
 * A resource that every Allow of an action leaves out counts as denied for it: two versions differ by that
 * alone. Beyond a bound of resources the lists are compared whole.
 */
function collectExceptions(
  allows: readonly StatementGrants[],
  denies: ScopeCollector,
  none: ActionSet,
  budget: Budget,
): void {
  const unlimited = allows
    .filter(({ isConditional }) => !isConditional)
    .map(({ statement, wide }) => ({ wide, list: exceptions(statement) }))
    .map(({ wide, list }) => ({ wide, list, left: new Set(list) }));
  const resources = new Set(unlimited.flatMap(({ list }) => list));
  if (resources.size > MAX_EXCEPTIONS) {
    for (const { wide, list } of unlimited) {
      if (list.length > 0) denies.add(['except', ...list], EXCEPTION, wide);
    }
    return;
  }
  for (const resource of resources) {
    budget.spend(unlimited.length * EXCEPTION_STEPS);
    if (budget.isExhausted) break;
    const [leaving, reaching] = [true, false].map((leaves) =>
      unionOf(
        unlimited.filter(({ left }) => left.has(resource) === leaves).map((one) => one.wide),
        none,
      ),
    );
    const left = leaving?.difference(reaching ?? none) ?? none;
    denies.add(['except', resource], EXCEPTION, left);
  }
}

function exceptions(statement: Statement): readonly string[] {
  return statement.isNotResource ? [...statement.resources].sort() : [];
}

function conditionPart(statement: Statement): string {
  return statement.hasUnreadableCondition ? 'unreadable' : canonicalConditions(statement.conditions);
}
