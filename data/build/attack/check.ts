import {
  ACCESS_TIERS,
  CONFIDENCES,
  type ConditionRow,
  OPERATORS,
  type TechniqueRow,
  type TestRow,
} from '../../../src/knowledge/attack-file.ts';
import type { TechniqueSource } from './read-source.ts';

/** Thrown with every problem found, so that one run shows all. */
export function assertNoProblems(problems: readonly string[]): void {
  if (problems.length > 0) throw new Error(`data/build/attack:\n  ${problems.join('\n  ')}`);
}

/** Problems of one technique row: an inactive id, no tactics of its own, unsafe or unknown tests. */
export function problemsOf(
  where: string,
  row: TechniqueRow,
  techniques: ReadonlyMap<string, TechniqueSource>,
): string[] {
  const technique = techniques.get(row.id);
  if (technique === undefined || technique.status !== 'active') return [`${where}: ${row.id} is not active`];
  const problems: string[] = [];
  if (!CONFIDENCES.includes(row.confidence)) problems.push(`${where}: confidence ${row.confidence}`);
  for (const tactic of row.tactics ?? [])
    if (!technique.tactics.includes(tactic)) problems.push(`${where}: ${row.id} has no tactic ${tactic}`);
  const conditions = [
    ...(row.when ?? []),
    ...[...(row.raise ?? []), ...(row.lower ?? [])].flatMap(({ when }) => when),
  ];
  for (const test of conditions.flatMap(testsOf)) problems.push(...problemsOfTest(where, test));
  for (const code of [
    row.reason,
    ...[...(row.raise ?? []), ...(row.lower ?? [])].map(({ reason }) => reason),
  ])
    if (code !== undefined && !/^[a-z0-9_]{3,48}$/.test(code)) problems.push(`${where}: reason ${code}`);
  return problems;
}

/** True for a known access tier. */
export function isTier(tier: string): boolean {
  return (ACCESS_TIERS as readonly string[]).includes(tier);
}

/**
 * Why an expression is not accepted: it must be anchored at both ends, of at most 200 characters, without
 * look-around, back-references or unbounded quantifiers, and without a quantified group that itself holds
 * a quantifier (`(a{1,9}){1,9}` is what makes a matcher back-track without end).
 */
export function unsafeExpression(source: string): string | undefined {
  if (source.length > 200) return 'longer than 200 characters';
  if (!source.startsWith('^') || !source.endsWith('$')) return 'not anchored at both ends';
  if (/\(\?[=!<]/.test(source)) return 'look-around or a named group';
  if (/\\[1-9k]/.test(source)) return 'a back-reference';
  const bare = source.replace(/\\./g, 'a').replace(/\[[^\]]*\]/g, 'a');
  if (/[*+]/.test(bare) || /\{\d+,\}/.test(bare)) return 'an unbounded quantifier';
  for (const group of bare.matchAll(/\((?:\?:)?([^()]*)\)(\{\d+(?:,\d+)?\})/g)) {
    const most = Number(/(\d+)\}$/.exec(group[2] ?? '')?.[1] ?? 0);
    if (most > 3 && /\{|\?/.test((group[1] ?? '').replace(/^\?:/, '')))
      return 'a quantifier inside a quantified group';
  }
  return undefined;
}

function testsOf(condition: ConditionRow): TestRow[] {
  if ('any' in condition) return condition.any.flatMap(testsOf);
  if ('all' in condition) return condition.all.flatMap(testsOf);
  return 'not' in condition ? testsOf(condition.not) : [condition];
}

function problemsOfTest(where: string, { path, op, value }: TestRow): string[] {
  const problems: string[] = [];
  if (!OPERATORS.includes(op)) problems.push(`${where}: operator ${op}`);
  if (!/^[A-Za-z][\w-]{0,63}(?:\[\]|\.\*|\.[A-Za-z][\w-]{0,80}(?:\[\])?){0,8}$/.test(path))
    problems.push(`${where}: path ${path}`);
  if (op === 'matches' || op === 'notMatches') {
    const reason = unsafeExpression(String(value));
    if (reason !== undefined) problems.push(`${where}: expression ${String(value)} has ${reason}`);
  }
  const needsList = op === 'in' || (op.includes('Any') && op !== 'anyEquals' && op !== 'policyTrustsAnyone');
  if (needsList && !Array.isArray(value)) problems.push(`${where}: ${op} needs a list`);
  return problems;
}
