import { ActionSet } from './action-set.ts';
import type { Budget } from './budget.ts';
import type { ActionCatalog } from './catalog.ts';
import { type CatalogIndex, characterMask, indexOfCatalog } from './catalog-index.ts';
import { hasWildcard, isStars, matchesEverything, matchesPattern } from './match-pattern.ts';

/** Steps of taking one pattern apart, besides its characters. */
const PATTERN_STEPS = 64;

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
  readonly #memo = new Map<string, readonly number[]>();
  readonly #lists = new Map<string, ActionSet>();

  constructor(catalog: ActionCatalog, budget: Budget) {
    this.#catalog = catalog;
    this.#index = indexOfCatalog(catalog);
    this.#budget = budget;
  }

  /**
   * Every action any of the patterns matches; equal lists answer the same set. Incomplete once the budget is
   * exhausted.
   */
  expandAll(patterns: readonly string[]): ActionSet {
    const key = patterns.join('\n').toLowerCase();
    const known = this.#lists.get(key);
    if (known !== undefined) return known;
    const result = ActionSet.empty(this.#index.size);
    for (const lower of key.split('\n')) {
      if (this.#budget.isExhausted) break;
      if (hasWildcard(lower)) addRanges(result, this.#rangesOf(lower), this.#budget);
      else {
        this.#budget.spend(lower.length);
        const id = this.#catalog.idOf(lower);
        if (id !== undefined) result.add(id);
      }
    }
    this.#lists.set(key, result);
    return result;
  }

  /** The actions a lower-case pattern matches. */
  expand(lower: string): ActionSet {
    const ranges = this.#rangesOf(lower);
    if (ranges.length === 0) return this.#index.none;
    const result = ActionSet.empty(this.#index.size);
    addRanges(result, ranges, this.#budget);
    return result;
  }

  /** True when the lower-case action or pattern matches anything. */
  matchesAny(lower: string): boolean {
    return hasWildcard(lower) ? this.#rangesOf(lower).length > 0 : this.#catalog.idOf(lower) !== undefined;
  }

  /** What a pattern matches as `first, end, first, end, …`. */
  #rangesOf(lower: string): readonly number[] {
    const known = this.#memo.get(lower);
    if (known !== undefined) return known;
    const ranges: number[] = [];
    this.#collect(lower, ranges);
    this.#memo.set(lower, ranges);
    return ranges;
  }

  #collect(lower: string, ranges: number[]): void {
    const colon = lower.indexOf(':');
    this.#budget.spend(lower.length + PATTERN_STEPS);
    if (colon === -1) {
      if (matchesEverything(lower)) ranges.push(0, this.#index.size);
      return;
    }
    const service = lower.slice(0, colon);
    const name = lower.slice(colon + 1);
    if (isStars(service) && isStars(name)) {
      ranges.push(0, this.#index.size);
      return;
    }
    const pattern = compile(name);
    if (!hasWildcard(service)) {
      const range = this.#catalog.services.get(service);
      if (range !== undefined) this.#addNames(ranges, range[0], range[1], pattern);
      return;
    }
    for (const range of this.#index.services) {
      if (this.#budget.isExhausted) break;
      if (matchesPattern(service, range.name, this.#budget)) {
        this.#addNames(ranges, range.first, range.end, pattern);
      }
    }
  }

  /** Adds the actions between `from` and `end`, all of one service, whose name matches. */
  #addNames(ranges: number[], from: number, end: number, pattern: CompiledPattern): void {
    if (pattern.isEverything) {
      ranges.push(from, end);
      return;
    }
    const names = this.#index.shortNames;
    const first = lowerBound(names, from, end, pattern.beginning);
    this.#budget.spend(16);
    let id = first;
    for (; id < end; id++) {
      const name = names[id] ?? '';
      if (!name.startsWith(pattern.beginning)) break;
      if (
        pattern.isPrefix ||
        (this.#mayMatch(id, name, pattern) && matchesPattern(pattern.text, name, this.#budget))
      ) {
        if (ranges[ranges.length - 1] === id) ranges[ranges.length - 1] = id + 1;
        else ranges.push(id, id + 1);
      }
    }
    this.#budget.spend((id - first) >>> 1);
  }

  /** A cheap no: the name is too short, or lacks a character of the pattern. */
  #mayMatch(id: number, name: string, pattern: CompiledPattern): boolean {
    return name.length >= pattern.minLength && (~(this.#index.masks[id] ?? 0) & pattern.mask) === 0;
  }
}

/** What is worked out once per pattern for a name. */
type CompiledPattern = {
  readonly text: string;
  /** Text before the first wildcard. */
  readonly beginning: string;
  readonly isEverything: boolean;
  /** True for a beginning and one star. */
  readonly isPrefix: boolean;
  /** Characters other than stars. */
  readonly minLength: number;
  readonly mask: number;
};

function compile(text: string): CompiledPattern {
  const beginning = literalBeginning(text);
  let minLength = 0;
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) !== 42) minLength++;
  return {
    text,
    beginning,
    isEverything: isStars(text),
    isPrefix: text.length === beginning.length + 1 && text.endsWith('*'),
    minLength,
    mask: characterMask(text),
  };
}

function addRanges(set: ActionSet, ranges: readonly number[], budget: Budget): void {
  budget.spend(ranges.length);
  for (let i = 0; i < ranges.length; i += 2) {
    const first = ranges[i] ?? 0;
    const end = ranges[i + 1] ?? 0;
    set.addRange(first, end);
    budget.spend((end - first) >>> 6);
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

/** The first id between `from` and `end` whose name is not before `text`. */
function lowerBound(names: readonly string[], from: number, end: number, text: string): number {
  let low = from;
  let high = end;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((names[middle] ?? '') < text) low = middle + 1;
    else high = middle;
  }
  return low;
}
