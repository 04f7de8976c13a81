import type { ConditionRow, Operator, TestValue } from './attack-file.ts';

/** A test, compiled: its path as steps, its expression and its words ready for use. */
export type CompiledTest = {
  readonly kind: 'test';
  readonly op: Operator;
  /** Member names from the record's root; `*` is every member. Arrays on the way are every element. */
  readonly steps: readonly string[];
  readonly value: TestValue | undefined;
  /** `value` as words, for the operators that take several. */
  readonly words: readonly string[];
  /** `value` as a regular expression, for `matches` and `notMatches`. */
  readonly expression: RegExp | undefined;
  /** `value` as a second path, for `equalsPath` and `notEqualsPath`. */
  readonly otherSteps: readonly string[];
};

/** A condition, compiled. */
export type Condition =
  | CompiledTest
  | { readonly kind: 'any' | 'all'; readonly conditions: readonly Condition[] }
  | { readonly kind: 'not'; readonly condition: Condition };

/** Compiles a condition of the data file. The build has checked every row. */
export function compileCondition(row: ConditionRow): Condition {
  if ('any' in row) return { kind: 'any', conditions: row.any.map(compileCondition) };
  if ('all' in row) return { kind: 'all', conditions: row.all.map(compileCondition) };
  if ('not' in row) return { kind: 'not', condition: compileCondition(row.not) };
  const { path, op, value } = row;
  const isExpression = op === 'matches' || op === 'notMatches';
  const isPath = op === 'equalsPath' || op === 'notEqualsPath';
  return {
    kind: 'test',
    op,
    steps: stepsOf(path),
    value,
    words: wordsOf(op, value),
    expression: isExpression ? new RegExp(String(value)) : undefined,
    otherSteps: isPath ? stepsOf(String(value)) : [],
  };
}

/** `requestParameters.add.items[].group` as steps; `[]` only tells the reader that a list is there. */
export function stepsOf(path: string): readonly string[] {
  return path.replaceAll('[]', '').split('.').map(asKey);
}

/**
 * The same text as the engine's one copy for names of members: with it a look-up compares addresses instead
 * of texts.
 */
function asKey(name: string): string {
  return Object.keys({ [name]: true })[0] ?? name;
}

function wordsOf(op: Operator, value: TestValue | undefined): readonly string[] {
  if (value === undefined) return [];
  const words = (Array.isArray(value) ? value : [value]).map(String);
  return op.endsWith('IgnoreCase') ? words.map((word) => word.toLowerCase()) : words;
}
