import { literalPrefix, matchesWildcard } from './wildcard.ts';

/**
 * ARN patterns by what they can match: look-ups cost the same for one pattern and for thousands, unless
 * thousands begin alike.
 */
export type ArnIndex<Value> = {
  readonly isEmpty: boolean;
  /** The value of the first pattern (in the order given) that matches, or undefined. */
  match(arn: string): Value | undefined;
};

/** An ARN longer than this is not one AWS issued. Longer text matches nothing. */
export const LONGEST_ARN = 2048;

/** The six parts of an ARN, or undefined when `text` has fewer. The last part may hold colons. */
export function splitArn(text: string): readonly string[] | undefined {
  const parts: string[] = [];
  let from = 0;
  for (let part = 0; part < 5; part += 1) {
    const colon = text.indexOf(':', from);
    if (colon === -1) return undefined;
    parts.push(text.slice(from, colon));
    from = colon + 1;
  }
  parts.push(text.slice(from));
  return parts;
}

/**
 * Indexes ARN patterns. `*` and `?` in one of the first five parts stay within that part; in the resource
 * they may stand for anything. Patterns that are no ARNs are left out (the company file refuses them).
 */
export function buildArnIndex<Value>(
  patterns: Iterable<readonly [pattern: string, value: Value]>,
): ArnIndex<Value> {
  const shelves = new Map<string, Shelf<Value>>();
  let order = 0;
  for (const [pattern, value] of patterns) {
    const parts = splitArn(pattern);
    if (parts !== undefined) {
      const account = parts[ACCOUNT] ?? '';
      const key = literalPrefix(account) === account ? account : ANY_ACCOUNT;
      const shelf = shelves.get(key) ?? { exact: new Map(), prefixed: new Map(), lengths: [] };
      shelves.set(key, shelf);
      shelve(shelf, { order, parts, value });
    }
    order += 1;
  }
  return {
    isEmpty: shelves.size === 0,
    match: (arn) => (shelves.size === 0 ? undefined : match(shelves, arn)),
  };
}

type Entry<Value> = { readonly order: number; readonly parts: readonly string[]; readonly value: Value };

/** The patterns of one account: by whole resource, and by what the resource begins with. */
type Shelf<Value> = {
  readonly exact: Map<string, Entry<Value>[]>;
  readonly prefixed: Map<string, Entry<Value>[]>;
  lengths: number[];
};

const ACCOUNT = 4;
const RESOURCE = 5;
const ANY_ACCOUNT = '*';

function shelve<Value>(shelf: Shelf<Value>, entry: Entry<Value>): void {
  const resource = entry.parts[RESOURCE] ?? '';
  const prefix = literalPrefix(resource);
  const drawer = prefix === resource ? shelf.exact : shelf.prefixed;
  const entries = drawer.get(prefix);
  if (entries !== undefined) {
    entries.push(entry);
    return;
  }
  drawer.set(prefix, [entry]);
  if (drawer === shelf.prefixed && !shelf.lengths.includes(prefix.length)) {
    shelf.lengths = [...shelf.lengths, prefix.length].sort((a, b) => a - b);
  }
}

function match<Value>(shelves: ReadonlyMap<string, Shelf<Value>>, arn: string): Value | undefined {
  if (arn.length > LONGEST_ARN) return undefined;
  const parts = splitArn(arn);
  if (parts === undefined) return undefined;
  const named = search(shelves.get(parts[ACCOUNT] ?? ''), parts, undefined);
  return search(shelves.get(ANY_ACCOUNT), parts, named)?.value;
}

function search<Value>(
  shelf: Shelf<Value> | undefined,
  parts: readonly string[],
  best: Entry<Value> | undefined,
): Entry<Value> | undefined {
  if (shelf === undefined) return best;
  const resource = parts[RESOURCE] ?? '';
  let found = earliest(shelf.exact.get(resource), parts, best);
  for (const length of shelf.lengths) {
    if (length > resource.length) break;
    found = earliest(shelf.prefixed.get(resource.slice(0, length)), parts, found);
  }
  return found;
}

function earliest<Value>(
  entries: readonly Entry<Value>[] | undefined,
  parts: readonly string[],
  best: Entry<Value> | undefined,
): Entry<Value> | undefined {
  if (entries === undefined) return best;
  for (const entry of entries) {
    if (best !== undefined && entry.order > best.order) return best;
    if (entry.parts.every((pattern, index) => matchesWildcard(pattern, parts[index] ?? ''))) return entry;
  }
  return best;
}
