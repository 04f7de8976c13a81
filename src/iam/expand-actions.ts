import { ActionSet } from './action-set.ts';
import type { Budget } from './budget.ts';
import type { ActionCatalog } from './catalog.ts';
import { type CatalogIndex, characterMask, indexOfCatalog, type ServiceRange } from './catalog-index.ts';
import { hasWildcard, isStars, matchesEverything, matchesPattern } from './match-pattern.ts';

/**
 * Turns the action patterns of one document into sets of action ids, each distinct pattern once. Services
 * and names compare without case, `*` and `?` count anywhere, as AWS does it.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html
 */
export class ActionExpander {
  readonly #catalog: ActionCatalog;
  readonly #index: CatalogIndex;
  readonly #budget: Budget;
  readonly #memo = new Map<string, ActionSet>();

  constructor(catalog: ActionCatalog, budget: Budget) {
    this.#catalog = catalog;
    this.#index = indexOfCatalog(catalog);
    this.#budget = budget;
  }

  /** Every action any of the patterns matches. Incomplete once the budget is exhausted. */
  expandAll(patterns: readonly string[]): ActionSet {
    const result = ActionSet.empty(this.#index.size);
    for (const pattern of patterns) {
      if (this.#budget.isExhausted) break;
      const lower = pattern.toLowerCase();
      if (hasWildcard(lower)) {
        result.addAll(this.expand(lower));
        this.#budget.spend(result.words.length >>> 3);
      } else {
        this.#budget.spend(lower.length);
        const id = this.#catalog.idOf(lower);
        if (id !== undefined) result.add(id);
      }
    }
    return result;
  }

  /** The actions a lower-case pattern matches. */
  expand(lower: string): ActionSet {
    const known = this.#memo.get(lower);
    if (known !== undefined) return known;
    const result = this.#expandNew(lower);
    this.#memo.set(lower, result);
    return result;
  }

  #expandNew(lower: string): ActionSet {
    const colon = lower.indexOf(':');
    if (colon === -1) {
      return matchesEverything(lower) ? this.#index.all : ActionSet.empty(this.#index.size);
    }
    const service = lower.slice(0, colon);
    const name = lower.slice(colon + 1);
    const result = ActionSet.empty(this.#index.size);
    this.#budget.spend(result.words.length >>> 3);
    if (!hasWildcard(service)) {
      const range = this.#catalog.services.get(service);
      if (range !== undefined)
        this.#addNames(result, { name: service, first: range[0], end: range[1] }, name);
      return result;
    }
    if (isStars(service) && isStars(name)) return this.#index.all;
    for (const range of this.#index.services) {
      if (this.#budget.isExhausted) break;
      if (matchesPattern(service, range.name, this.#budget)) this.#addNames(result, range, name);
    }
    return result;
  }

  /** Adds the actions of one service whose name matches. */
  #addNames(result: ActionSet, range: ServiceRange, pattern: string): void {
    if (isStars(pattern)) {
      result.addRange(range.first, range.end);
      return;
    }
    const names = this.#index.shortNames;
    const beginning = literalBeginning(pattern);
    const first = lowerBound(names, range, beginning);
    this.#budget.spend(16);
    if (beginning.length === pattern.length) {
      if (first < range.end && names[first] === pattern) result.add(first);
      return;
    }
    const isPrefix = pattern.length === beginning.length + 1 && pattern.endsWith('*');
    const mask = characterMask(pattern);
    const masks = this.#index.masks;
    let id = first;
    for (; id < range.end; id++) {
      const name = names[id] ?? '';
      if (beginning !== '' && !name.startsWith(beginning)) break;
      if (isPrefix) result.add(id);
      else if (((masks[id] ?? 0) & mask) >>> 0 === mask && matchesPattern(pattern, name, this.#budget)) {
        result.add(id);
      }
    }
    this.#budget.spend((id - first) >>> 1);
  }
}

/** The text before the first wildcard. */
function literalBeginning(pattern: string): string {
  for (let i = 0; i < pattern.length; i++) {
    const code = pattern.charCodeAt(i);
    if (code === 42 || code === 63) return pattern.slice(0, i);
  }
  return pattern;
}

/** The first id of the range whose name is not before `text`. */
function lowerBound(names: readonly string[], range: ServiceRange, text: string): number {
  let low = range.first;
  let high = range.end;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((names[middle] ?? '') < text) low = middle + 1;
    else high = middle;
  }
  return low;
}
