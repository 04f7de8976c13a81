/** A metric that a query names, with the labels it is asked by. */
export type Selector = {
  readonly metric: string;
  readonly matchers: readonly { readonly label: string; readonly operator: string; readonly value: string }[];
};

export type QueryNames = {
  readonly selectors: readonly Selector[];
  /** Labels in `by (...)`, `on (...)` and their like. */
  readonly grouping: readonly string[];
};

/**
 * The names in a PromQL query. A reader of words, not a parser: enough to tell metrics from functions,
 * operators and labels in the queries of this project, and strict about what it does not know.
 */
export function readPromql(query: string): QueryNames {
  const tokens = tokenize(query);
  const selectors: Selector[] = [];
  const grouping: string[] = [];
  let at = 0;
  while (at < tokens.length) {
    const token = tokens[at] ?? '';
    const next = tokens[at + 1];
    if (GROUPING.has(token)) {
      const end = tokens.indexOf(')', at);
      grouping.push(...tokens.slice(at + 2, end).filter((one) => one !== ','));
      at = end + 1;
    } else if (token === '{') {
      throw new Error(`a selector without a metric in ${query}`);
    } else if (NAME.test(token) && !WORDS.has(token) && !isCalled(next)) {
      const end = next === '{' ? tokens.indexOf('}', at) : at;
      selectors.push({ metric: token, matchers: readMatchers(tokens.slice(at + 2, Math.max(end, at + 2))) });
      at = end + 1;
    } else {
      at += 1;
    }
  }
  return { selectors, grouping };
}

/** A function before its arguments, or an aggregation before its `by`. */
function isCalled(next: string | undefined): boolean {
  return next === '(' || next === 'by' || next === 'without';
}

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const GROUPING = new Set(['by', 'without', 'on', 'ignoring', 'group_left', 'group_right']);
const WORDS = new Set(['and', 'or', 'unless', 'offset', 'bool']);
const TOKEN =
  /"(?:[^"\\]|\\.)*"|\[[^\]]*\]|\d+(?:\.\d+)?[a-z]*|[a-zA-Z_:][a-zA-Z0-9_:]*|=~|!~|!=|==|<=|>=|[^\s]/g;

function tokenize(query: string): readonly string[] {
  return query.match(TOKEN) ?? [];
}

function readMatchers(tokens: readonly string[]): Selector['matchers'] {
  const matchers: Selector['matchers'][number][] = [];
  for (let at = 0; at + 2 < tokens.length; at += 4) {
    const [label = '', operator = '', quoted = '""'] = tokens.slice(at, at + 3);
    matchers.push({ label, operator, value: JSON.parse(quoted) as string });
  }
  return matchers;
}
