import type { ActionSet } from './action-set.ts';
import type { Budget } from './budget.ts';
import { isAlwaysTrue } from './conditions.ts';
import { hasWildcard, matchesPattern } from './match-pattern.ts';
import type { Statement } from './parse-statement.ts';
import type { PrincipalEntry } from './principals.ts';

/** Steps of entering one principal into the index. */
const NAME_STEPS = 32;

/** One Deny statement of a trust or resource policy. */
export type Denial = {
  readonly statement: Statement;
  readonly actions: ActionSet;
  readonly isUnconditional: boolean;
  /** True when it names every resource, or none at all. */
  readonly namesAll: boolean;
  readonly resources: ReadonlySet<string>;
  /** Those of its resources that have a wildcard. */
  readonly patterns: readonly string[];
};

/** Takes a Deny statement apart, once per document. */
export function denialOf(statement: Statement, actions: ActionSet): Denial {
  const resources = new Set(statement.resources);
  return {
    statement,
    actions,
    isUnconditional: !statement.hasUnreadableCondition && isAlwaysTrue(statement.conditions),
    namesAll: !statement.hasResource || resources.has('*'),
    resources,
    patterns: [...resources].filter(hasWildcard),
  };
}

/** True when every resource of the Allow is one the Deny names, or, with `patterns`, one it matches. */
export function coversResources(
  denial: Denial,
  allow: Statement,
  budget: Budget,
  patterns = denial.patterns,
): boolean {
  budget.spend(allow.resources.length + 8);
  const { isNotResource } = denial.statement;
  if (denial.namesAll) return !isNotResource;
  if (isNotResource || allow.isNotResource || allow.resources.length === 0) return false;
  return allow.resources.every((resource) => {
    if (denial.resources.has(resource)) return true;
    budget.spend(patterns.length * 4);
    return patterns.some((pattern) => matchesPattern(pattern, resource, budget));
  });
}

/** Finds the Deny statements that hit a principal: those for everybody, and those that name it alike. */
export class DenialIndex {
  readonly #everybody: number[] = [];
  readonly #named = new Map<string, number[]>();
  readonly #budget: Budget;

  constructor(denials: readonly Denial[], budget: Budget) {
    this.#budget = budget;
    for (const [number, { statement }] of denials.entries()) {
      if (statement.isNotPrincipal) continue;
      const texts = new Set(statement.principals.map(({ text }) => text));
      budget.spend(texts.size * NAME_STEPS);
      if (texts.has('*')) this.#everybody.push(number);
      else for (const text of texts) this.#name(text, number);
    }
  }

  /** Their numbers, ascending; the same list for all principals that no Deny names. */
  hitting({ text }: PrincipalEntry): readonly number[] {
    const named = this.#named.get(text);
    if (named === undefined) return this.#everybody;
    this.#budget.spend(named.length + this.#everybody.length);
    return [...named, ...this.#everybody].sort((a, b) => a - b);
  }

  #name(text: string, number: number): void {
    const numbers = this.#named.get(text);
    if (numbers === undefined) this.#named.set(text, [number]);
    else numbers.push(number);
  }
}
