/** A parsed Sigma condition over the names of selections. */
export type Condition =
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'not'; readonly of: Condition }
  | { readonly kind: 'and' | 'or'; readonly of: readonly Condition[] };

/** Parses `a and not (b or c)`, `1 of sel_*`, `all of sel_*`. Throws on an unknown name or leftover text. */
export function parseCondition(text: string, names: readonly string[]): Condition {
  const tokens = text.match(/\(|\)|[^\s()]+/g) ?? [];
  let at = 0;

  const either = (): Condition => chain('or', both);
  const both = (): Condition => chain('and', single);
  const chain = (kind: 'and' | 'or', next: () => Condition): Condition => {
    const of = [next()];
    while (tokens[at] === kind) {
      at += 1;
      of.push(next());
    }
    return of.length === 1 && of[0] ? of[0] : { kind, of };
  };
  const single = (): Condition => {
    const token = tokens[at];
    at += 1;
    if (token === 'not') return { kind: 'not', of: single() };
    if (token === '(') {
      const inner = either();
      if (tokens[at] !== ')') throw new Error(`missing ) in ${text}`);
      at += 1;
      return inner;
    }
    if ((token === '1' || token === 'all') && tokens[at] === 'of') {
      const pattern = tokens[at + 1] ?? '';
      at += 2;
      return { kind: token === '1' ? 'or' : 'and', of: named(pattern, names) };
    }
    return named(token ?? '', names)[0] as Condition;
  };

  const parsed = either();
  if (at !== tokens.length) throw new Error(`cannot read ${text}`);
  return parsed;
}

/** The value of a condition, given that of each selection. */
export function evaluate(condition: Condition, holds: (name: string) => boolean): boolean {
  switch (condition.kind) {
    case 'name':
      return holds(condition.name);
    case 'not':
      return !evaluate(condition.of, holds);
    case 'and':
      return condition.of.every((one) => evaluate(one, holds));
    default:
      return condition.of.some((one) => evaluate(one, holds));
  }
}

function named(pattern: string, names: readonly string[]): Condition[] {
  const prefix = pattern.endsWith('*') ? pattern.slice(0, -1) : undefined;
  const found = names.filter((name) => (prefix === undefined ? name === pattern : name.startsWith(prefix)));
  if (found.length === 0) throw new Error(`no selection ${pattern}`);
  return found.map((name) => ({ kind: 'name', name }));
}
