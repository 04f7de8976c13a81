import type { ActionSet } from './action-set.ts';
import type { PolicyKnowledge } from './analysis.ts';
import type { Budget } from './budget.ts';
import { isAlwaysTrue } from './conditions.ts';
import { isEvasive } from './evasion.ts';
import type { ActionExpander } from './expand-actions.ts';
import { indexOfKnowledge } from './knowledge-index.ts';
import { hasWildcard, isStars } from './match-pattern.ts';
import type { Statement } from './parse-statement.ts';
import { coveredActions, coversEverything } from './resource-coverage.ts';

/** What one statement of an identity policy matches. */
export type StatementGrants = {
  readonly statement: Statement;
  /** Every action it names, whatever the resource. */
  readonly actions: ActionSet;
  /** The part that reaches every resource of the types the action needs. */
  readonly wide: ActionSet;
  /** True when its resources are all there are, or all but some. */
  readonly coversAll: boolean;
  readonly isConditional: boolean;
};

/** Steps that a handful of operations on whole sets cost. */
export const SET_STEPS = 512;

/** Steps of judging how one pattern is spelled. */
const PATTERN_STEPS = 64;

/** What the expansion of statements needs besides them. */
export type Workshop = {
  readonly knowledge: PolicyKnowledge;
  readonly expander: ActionExpander;
  readonly budget: Budget;
};

/** Positive operators that hold a key to given values. */
const EQUALITY = new Set(['stringequals', 'stringequalsignorecase', 'stringlike', 'arnequals', 'arnlike']);

/**
 * Expands a statement. Actions without resource types count as wide whatever the resources, and NotResource
 * as every resource but a few. Undefined when the statement can match nothing.
 */
export function grantsOf(statement: Statement, workshop: Workshop): StatementGrants | undefined {
  const { expander, budget, knowledge } = workshop;
  if (statement.effect === undefined || statement.actions.length === 0) return undefined;
  const { catalog } = indexOfKnowledge(knowledge);
  const named = expander.expandAll(statement.actions);
  const actions = statement.isNotAction ? catalog.all.difference(named) : named;
  budget.spend(SET_STEPS);
  const isEveryResource = coversEverything(statement.resources, budget);
  if (statement.isNotResource && isEveryResource) return undefined;
  const isConditional = statement.hasUnreadableCondition || !isAlwaysTrue(statement.conditions);
  const coversAll = statement.isNotResource || isEveryResource;
  const wide = coversAll ? actions : wideActions(statement, actions, workshop);
  return { statement, actions, wide, coversAll, isConditional };
}

/**
 * The wide part of a statement with limited resources. In a Deny, only what its ARNs cover: a request for
 * an action without resource types is made for the resource `*`, which no ARN matches.
 */
function wideActions(statement: Statement, actions: ActionSet, workshop: Workshop): ActionSet {
  const { knowledge, budget } = workshop;
  const covered = coveredActions(actions, statement.resources, knowledge.resourceTypes, budget);
  if (statement.effect === 'Deny') return covered;
  const { catalog } = indexOfKnowledge(knowledge);
  return covered.union(actions.intersection(catalog.unrestrictable));
}

/**
 * The services a role may be passed to under the statement's `iam:PassedToService`, lower case; undefined
 * when it does not limit them.
 */
export function passTargets(statement: Statement): readonly string[] | undefined {
  for (const condition of statement.conditions) {
    if (condition.key !== 'iam:passedtoservice' || !EQUALITY.has(condition.operator)) continue;
    if (condition.qualifier !== 'forallvalues' && condition.values.every((value) => !isStars(value))) {
      return condition.values.map((value) => value.toLowerCase());
    }
  }
  return undefined;
}

/** What the statement's evasive patterns match; undefined when it has none. */
export function evasiveActions(statement: Statement, workshop: Workshop): ActionSet | undefined {
  let result: ActionSet | undefined;
  if (statement.isNotAction) return undefined;
  const { catalog } = workshop.knowledge;
  const { sensitive } = indexOfKnowledge(workshop.knowledge);
  for (const pattern of new Set(statement.actions)) {
    if (!hasWildcard(pattern) || pattern === '*') continue;
    workshop.budget.spend(PATTERN_STEPS);
    if (workshop.budget.isExhausted) break;
    const matched = workshop.expander.expand(pattern.toLowerCase());
    if (isEvasive(pattern, matched, sensitive, catalog)) result = result?.union(matched) ?? matched;
  }
  return result;
}

/** The services of which the statement allows everything by a wildcard: lower-case names, or all of them. */
export function wildcardServices(statement: Statement): 'all' | ReadonlySet<string> {
  if (statement.isNotAction) return 'all';
  const services = new Set<string>();
  for (const pattern of statement.actions) {
    const colon = pattern.indexOf(':');
    const service = pattern.slice(0, Math.max(colon, 0)).toLowerCase();
    if (!isStars(pattern.slice(colon + 1))) continue;
    if (hasWildcard(service) || colon === -1) return 'all';
    services.add(service);
  }
  return services;
}
