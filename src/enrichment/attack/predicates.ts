import type { CloudTrailEvent } from '../../cloudtrail/event.ts';
import { isObject, presentBoolean } from '../../cloudtrail/json.ts';
import type { CompiledTest, Condition } from '../../knowledge/attack-condition.ts';
import type { Operator } from '../../knowledge/attack-file.ts';
import { opensPortToWorld } from './open-ports.ts';
import { allowsEverything, trustOf } from './policy-trust.ts';
import { accountOfPrincipal, ownAccountOf } from './principal.ts';
import { hasRoot, SEVERAL, textAt, valueAt, valuesAt } from './values.ts';

/** Longer texts are compared by their first part: every word and expression of the data is short. */
const MAX_TEXT = 2048;

/** True when a condition of the mapping holds for a record. Pure, bounded, never throws. */
export function holds(condition: Condition, event: CloudTrailEvent): boolean {
  switch (condition.kind) {
    case 'test':
      return PREDICATES[condition.op](condition, event);
    case 'any':
      return anyHolds(condition.conditions, event);
    case 'all':
      return allHold(condition.conditions, event);
    case 'not':
      return !holds(condition.condition, event);
  }
}

/** True when all conditions hold; also for none. */
export function allHold(conditions: readonly Condition[], event: CloudTrailEvent): boolean {
  for (const condition of conditions) if (!holds(condition, event)) return false;
  return true;
}

function anyHolds(conditions: readonly Condition[], event: CloudTrailEvent): boolean {
  for (const condition of conditions) if (holds(condition, event)) return true;
  return false;
}

type Predicate = (test: CompiledTest, event: CloudTrailEvent) => boolean;

/**
 * One function per operator. A path with several values holds when one of them does. Negative operators
 * need a value: what the record does not say is not "something else". `absent` needs the object that
 * should hold the member.
 */
const PREDICATES: { readonly [Key in Operator]: Predicate } = {
  equals: anyValue(({ value }, actual) => isEqual(actual, value)),
  anyEquals: anyValue(({ value }, actual) => isEqual(actual, value)),
  equalsIgnoreCase: anyText(({ words }, text) => words.includes(text.toLowerCase())),
  notEquals: anyValue(({ value }, actual) => !isEqual(actual, value)),
  in: anyText(({ words }, text) => words.includes(text)),
  exists: anyValue((_test, actual) => actual !== ''),
  absent,
  contains: anyText(({ words }, text) => containsAny(text, words)),
  containsAny: anyText(({ words }, text) => containsAny(text, words)),
  containsIgnoreCase: anyText(containsIgnoringCase),
  containsAnyIgnoreCase: anyText(containsIgnoringCase),
  endsWithAny: anyValue(({ words }, actual) => typeof actual === 'string' && endsWithAny(actual, words)),
  matches: anyText(({ expression }, text) => expression?.test(text) === true),
  notMatches: anyText(({ expression }, text) => expression?.test(text) === false),
  lessThan: anyValue(({ value }, actual) => isLess(actual, value)),
  equalsPath: (test, event) => comparesPaths(test, event, true),
  notEqualsPath: (test, event) => comparesPaths(test, event, false),
  foreignAccount: anyText((_test, text, event) => isForeign(accountOfPrincipal(text), event)),
  principalIsExternal: anyText(
    (_test, text, event) => text === '*' || isForeign(accountOfPrincipal(text), event),
  ),
  policyAllows: anyValue((_test, actual) => allowsEverything(actual)),
  policyTrustsExternal: anyValue((_test, actual, event) => trustOf(actual, ownAccountOf(event)).external),
  policyTrustsAnyone: anyValue((_test, actual, event) => trustOf(actual, ownAccountOf(event)).anyone),
  policyTrustsUnboundService: anyValue(
    (_test, actual, event) => trustOf(actual, ownAccountOf(event)).unboundService,
  ),
  opensPortToWorld: anyValue(
    ({ words }, actual) => isObject(actual) && opensPortToWorld(actual, words.map(Number)),
  ),
};

function absent({ steps }: CompiledTest, event: CloudTrailEvent): boolean {
  const single = valueAt(event, steps);
  const isAbsent =
    single === SEVERAL
      ? valuesAt(event, steps).every((value) => value === '')
      : single === undefined || single === '';
  return isAbsent && hasRoot(event, steps);
}

function anyValue(
  check: (test: CompiledTest, actual: unknown, event: CloudTrailEvent) => boolean,
): Predicate {
  return (test, event) => {
    const single = valueAt(event, test.steps);
    if (single !== SEVERAL) return single !== undefined && check(test, single, event);
    for (const value of valuesAt(event, test.steps)) if (check(test, value, event)) return true;
    return false;
  };
}

/** Numbers and booleans count as their text, because CloudTrail writes the same member in either way. */
function anyText(check: (test: CompiledTest, text: string, event: CloudTrailEvent) => boolean): Predicate {
  return anyValue((test, actual, event) => {
    if (typeof actual !== 'string' && typeof actual !== 'number' && typeof actual !== 'boolean') return false;
    return check(test, String(actual).slice(0, MAX_TEXT), event);
  });
}

function containsIgnoringCase({ words }: CompiledTest, text: string): boolean {
  return containsAny(text.toLowerCase(), words);
}

function containsAny(text: string, words: readonly string[]): boolean {
  for (const word of words) if (text.includes(word)) return true;
  return false;
}

function endsWithAny(text: string, words: readonly string[]): boolean {
  for (const word of words) if (text.endsWith(word)) return true;
  return false;
}

function isEqual(actual: unknown, expected: CompiledTest['value']): boolean {
  if (typeof expected === 'boolean') return presentBoolean(actual) === expected;
  if (typeof expected === 'number') return toNumber(actual) === expected;
  return actual === expected;
}

function isLess(actual: unknown, limit: CompiledTest['value']): boolean {
  const number = toNumber(actual);
  return number !== undefined && typeof limit === 'number' && number < limit;
}

function toNumber(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && /^-?\d{1,15}$/.test(value) ? Number(value) : undefined;
}

function comparesPaths(test: CompiledTest, event: CloudTrailEvent, expected: boolean): boolean {
  const own = textAt(event, test.steps);
  return own !== undefined && (own === textAt(event, test.otherSteps)) === expected;
}

function isForeign(account: string | undefined, event: CloudTrailEvent): boolean {
  const own = ownAccountOf(event);
  return account !== undefined && own !== undefined && account !== own;
}
