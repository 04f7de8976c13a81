import { parse } from 'yaml';

import { type Condition, evaluate, parseCondition } from './sigma-condition.ts';

/**
 * The subset of Sigma that our detections use: selections of fields with the modifiers `contains`,
 * `startswith`, `endswith`, `gte` and `exists`, lists, and conditions with and, or, not, parentheses and
 * `1 of` / `all of`. Correlations: `value_count` with one `group-by`.
 *
 * @see https://github.com/SigmaHQ/sigma-specification
 */
export type SigmaRule = {
  readonly name: string;
  readonly title: string;
  readonly id: string;
  readonly description: string;
  readonly level: string;
  readonly tags: readonly string[];
  readonly fields: readonly string[];
  readonly falsepositives: readonly string[];
  readonly selections: ReadonlyMap<string, Selection>;
  readonly condition: Condition;
};

/** Distinct values of one field within a group and a time span. */
export type SigmaCorrelation = {
  readonly name: string;
  readonly title: string;
  readonly id: string;
  readonly description: string;
  readonly level: string;
  readonly rule: string;
  readonly groupBy: string;
  readonly field: string;
  readonly gte: number;
  readonly timespanMinutes: number;
};

/** Alternatives, each a list of matchers that must all hold. */
export type Selection = readonly (readonly Matcher[])[];

export type Modifier = 'equals' | 'contains' | 'startswith' | 'endswith' | 'gte' | 'exists';

/** One field and the values of which one must match. */
export type Matcher = {
  readonly field: string;
  readonly modifier: Modifier;
  readonly values: readonly (string | number | boolean)[];
};

type Yaml = Readonly<Record<string, unknown>>;

/** Reads one rule; throws on anything outside the subset, so that no rule is understood halfway. */
export function parseRule(name: string, text: string): SigmaRule {
  const rule = parse(text) as Yaml;
  const { condition, ...selections } = rule['detection'] as Yaml;
  return {
    ...heading(name, rule),
    tags: strings(rule['tags']),
    fields: strings(rule['fields']),
    falsepositives: strings(rule['falsepositives']),
    selections: new Map(Object.entries(selections).map(([key, value]) => [key, selectionOf(value)])),
    condition: parseCondition(String(condition), Object.keys(selections)),
  };
}

/** Reads one correlation. */
export function parseCorrelation(name: string, text: string): SigmaCorrelation {
  const document = parse(text) as Yaml;
  const of = document['correlation'] as Yaml;
  const condition = of['condition'] as Yaml;
  const minutes = /^(\d+)m$/.exec(String(of['timespan']));
  if (of['type'] !== 'value_count' || !minutes) throw new Error(`${name}: only value_count with minutes`);
  return {
    ...heading(name, document),
    rule: only(name, of['rules']),
    groupBy: only(name, of['group-by']),
    field: String(condition['field']),
    gte: Number(condition['gte']),
    timespanMinutes: Number(minutes[1]),
  };
}

/** Whether a document, as it would be indexed, meets the rule. Text is compared without regard to case. */
export function matchesRule(rule: SigmaRule, document: unknown): boolean {
  return evaluate(rule.condition, (name) =>
    (rule.selections.get(name) ?? []).some((all) => all.every((matcher) => matches(matcher, document))),
  );
}

/** Every value at a dotted path, through lists, as a search engine indexes them. */
export function valuesAt(document: unknown, path: string): readonly unknown[] {
  let found: readonly unknown[] = [document];
  for (const step of path.split('.')) {
    found = found.flatMap((value) =>
      isRecord(value) && Object.hasOwn(value, step) ? [value[step]].flat() : [],
    );
  }
  return found;
}

function matches({ field, modifier, values }: Matcher, document: unknown): boolean {
  if (modifier === 'exists') return valuesAt(document, field).length > 0 === values.includes(true);
  return valuesAt(document, field).some((found) => values.some((wanted) => compare(found, modifier, wanted)));
}

function compare(found: unknown, modifier: Modifier, wanted: string | number | boolean): boolean {
  if (modifier === 'gte') return typeof found === 'number' && found >= Number(wanted);
  const text = String(found).toLowerCase();
  const pattern = String(wanted).toLowerCase();
  switch (modifier) {
    case 'contains':
      return text.includes(pattern);
    case 'startswith':
      return text.startsWith(pattern);
    case 'endswith':
      return text.endsWith(pattern);
    default:
      return text === pattern;
  }
}

const MODIFIERS: ReadonlySet<string> = new Set(['contains', 'startswith', 'endswith', 'gte', 'exists']);

function selectionOf(value: unknown): Selection {
  return [value].flat().map((alternative) =>
    Object.entries(alternative as Yaml).map(([key, wanted]) => {
      const [field = '', modifier = 'equals', ...more] = key.split('|');
      if (more.length > 0 || (modifier !== 'equals' && !MODIFIERS.has(modifier)))
        throw new Error(`modifier ${key}`);
      const values = [wanted].flat() as (string | number | boolean)[];
      if (values.some((one) => String(one).includes('*')))
        throw new Error(`${key}: use a modifier for wildcards`);
      return { field, modifier: modifier as Modifier, values };
    }),
  );
}

function heading(name: string, rule: Yaml) {
  return {
    name,
    title: String(rule['title']),
    id: String(rule['id']),
    description: String(rule['description']).trim(),
    level: String(rule['level']),
  };
}

function only(name: string, value: unknown): string {
  const list = strings(value);
  if (list.length !== 1) throw new Error(`${name}: one value expected`);
  return String(list[0]);
}

function strings(value: unknown): readonly string[] {
  return value === undefined ? [] : [value].flat().map(String);
}

function isRecord(value: unknown): value is Yaml {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
