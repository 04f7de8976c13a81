import { createHash } from 'node:crypto';
import type { ActionSet } from './action-set.ts';
import type { Scope } from './analysis.ts';
import type { Budget } from './budget.ts';

/** Scopes kept per list: enough for any real policy, and a bound for the others. */
const MAX_SCOPES = 256;

/** Steps of a part's text, hash and set, besides its characters. */
const PART_STEPS = 192;

/** Gathers the parts of the world that statements speak of, equal parts together. */
export class ScopeCollector {
  readonly #scopes = new Map<string, { wide: boolean; conditional: boolean; actions: ActionSet }>();
  readonly #budget: Budget;

  constructor(budget: Budget) {
    this.#budget = budget;
  }

  /**
   * Adds actions for a part of the world. `part` is any text that is the same for the same part; two
   * versions of a policy compare by its hash. Adds nothing once the budget is exhausted.
   */
  add(part: readonly string[], flags: { wide: boolean; conditional: boolean }, actions: ActionSet): void {
    if (actions.isEmpty || this.#budget.isExhausted) return;
    const key = JSON.stringify([flags.wide, ...part]);
    this.#budget.spend(PART_STEPS + (key.length >>> 1));
    const known = this.#scopes.get(key);
    if (known === undefined) this.#scopes.set(key, { ...flags, actions });
    else known.actions = known.actions.union(actions);
  }

  /** The scopes, ascending by key; the smallest {@link MAX_SCOPES} of them when there are more. */
  finish(): { readonly scopes: readonly Scope[]; readonly isComplete: boolean } {
    const scopes = [...this.#scopes].map(([part, scope]) => ({
      key: shortHash(part),
      wide: scope.wide,
      conditional: scope.conditional,
      actions: scope.actions,
    }));
    scopes.sort((a, b) => (a.key < b.key ? -1 : 1));
    return { scopes: scopes.slice(0, MAX_SCOPES), isComplete: scopes.length <= MAX_SCOPES };
  }
}

/** 12 characters that are the same for the same text. */
export function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 12);
}
