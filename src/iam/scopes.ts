import { hash } from 'node:crypto';
import type { ActionSet } from './action-set.ts';
import type { Scope } from './analysis.ts';
import type { Budget } from './budget.ts';

/** Scopes kept per list: enough for any real policy, and a bound for the others. */
const MAX_SCOPES = 256;

/** Steps of a part's text, hash and set, besides its characters. */
const PART_STEPS = 192;

/** Wider parts named per part, and in all: more would cost as much as the analysis. */
const MAX_WIDER = 12;
const MAX_WIDER_OF_ALL = 512;
/** Steps of a wider part's hash, besides its characters. */
const WIDER_STEPS = 64;

/** A part of the world, and whether it is every resource. */
export type Part = { readonly wide: boolean; readonly part: readonly string[] };

const NONE = (): readonly Part[] => [];

/** Gathers the parts of the world that statements speak of, equal parts together. */
export class ScopeCollector {
  readonly #scopes = new Map<
    string,
    { wide: boolean; conditional: boolean; actions: ActionSet; wider: () => readonly Part[] }
  >();
  readonly #budget: Budget;

  constructor(budget: Budget) {
    this.#budget = budget;
  }

  /**
   * Adds actions for a part of the world. `part` is any text that is the same for the same part; two
   * versions of a policy compare by its hash. Adds nothing once the budget is exhausted.
   *
   * @param wider the parts that hold this one, the likeliest first
   */
  add(
    part: readonly string[],
    flags: { wide: boolean; conditional: boolean },
    actions: ActionSet,
    wider: () => readonly Part[] = NONE,
  ): void {
    if (actions.isEmpty || this.#budget.isExhausted) return;
    const key = nameOf({ wide: flags.wide, part });
    this.#budget.spend(PART_STEPS + (key.length >>> 1));
    const known = this.#scopes.get(key);
    if (known === undefined) this.#scopes.set(key, { ...flags, actions, wider });
    else known.actions = known.actions.union(actions);
  }

  /** The scopes, ascending by key; the smallest {@link MAX_SCOPES} of them when there are more. */
  finish(): { readonly scopes: readonly Scope[]; readonly isComplete: boolean } {
    const all = [...this.#scopes].map(([part, scope]) => ({ key: shortHash(part), scope }));
    all.sort((a, b) => (a.key < b.key ? -1 : 1));
    const isComplete = all.length <= MAX_SCOPES;
    // Lists that were cut say `unknown` where they differ: then nothing rests on what holds what.
    let left = isComplete ? MAX_WIDER_OF_ALL : 0;
    const scopes = all.slice(0, MAX_SCOPES).map(({ key, scope }) => {
      const { wide, conditional, actions, wider } = scope;
      const names = left === 0 ? [] : wider().slice(0, Math.min(MAX_WIDER, left)).map(nameOf);
      left -= names.length;
      for (const name of names) this.#budget.spend(WIDER_STEPS + (name.length >>> 1));
      return { key, wide, conditional, actions, within: names.map(shortHash).sort() };
    });
    return { scopes, isComplete };
  }
}

/** 12 characters that are the same for the same text. */
export function shortHash(text: string): string {
  return hash('sha256', text, 'base64url').slice(0, 12);
}

function nameOf({ wide, part }: Part): string {
  return JSON.stringify([wide, ...part]);
}
