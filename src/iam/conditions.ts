import { isRecord } from './json-record.ts';

/** One key of one operator of a Condition block. */
export type Condition = {
  /** Lower case, without qualifier and suffix: `stringlike`. */
  readonly operator: string;
  readonly qualifier: 'forallvalues' | 'foranyvalue' | undefined;
  readonly ifExists: boolean;
  /** Condition key, lower case: AWS compares keys without case. */
  readonly key: string;
  /** Values as written; any one of them suffices. */
  readonly values: readonly string[];
};

export type ParsedConditions = {
  readonly conditions: readonly Condition[];
  /** True when something was there that is no condition. */
  readonly isUnreadable: boolean;
  readonly length: number;
};

/** Flattens a Condition block; all of its entries must hold together. */
export function parseConditions(value: unknown): ParsedConditions {
  if (value === undefined) return { conditions: [], isUnreadable: false, length: 0 };
  if (!isRecord(value)) return { conditions: [], isUnreadable: true, length: 8 };
  const conditions: Condition[] = [];
  let isUnreadable = false;
  let length = 0;
  for (const [name, keys] of Object.entries(value)) {
    length += name.length;
    if (!isRecord(keys)) {
      isUnreadable = true;
      continue;
    }
    for (const [key, given] of Object.entries(keys)) {
      const values: string[] = [];
      for (const one of Array.isArray(given) ? given : [given]) {
        if (typeof one === 'string' || typeof one === 'number' || typeof one === 'boolean')
          values.push(String(one));
        else isUnreadable = true;
      }
      length += key.length + values.reduce((sum, one) => sum + one.length + 3, 0);
      conditions.push({ ...parseOperator(name), key: key.toLowerCase(), values });
    }
  }
  return { conditions, isUnreadable, length };
}

/** True when every condition holds for every request a caller can make: it limits nothing. */
export function isAlwaysTrue(conditions: readonly Condition[]): boolean {
  return conditions.every(holdsAlways);
}

/** One text for equal conditions, whatever their order and letter case: what two versions compare by. */
export function canonicalConditions(conditions: readonly Condition[]): string {
  if (conditions.length === 0) return '';
  const texts = conditions.map((one) =>
    JSON.stringify([one.operator, one.qualifier ?? '', one.ifExists, one.key, [...one.values].sort()]),
  );
  return texts.sort().join();
}

/** Steps of sorting and reading every value once: what {@link canonicalConditions} and a verdict cost. */
export function conditionSteps(conditions: readonly Condition[]): number {
  let steps = 0;
  for (const { key, values } of conditions) {
    steps += 64 + key.length;
    for (const value of values) steps += 32 + value.length;
  }
  return steps;
}

/**
 * Keys every request of a principal carries.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
 */
const ALWAYS_PRESENT = new Set([
  'aws:currenttime',
  'aws:epochtime',
  'aws:principalaccount',
  'aws:principalarn',
  'aws:principaltype',
  'aws:requestedregion',
  'aws:securetransport',
  'aws:sourceip',
  'aws:useragent',
  'aws:userid',
]);
/** Dates before any policy we read was written, and after any of them matters. */
const LONG_PAST = '2020-01-01';
const FAR_FUTURE = '2070-01-01';

function parseOperator(name: string): Pick<Condition, 'operator' | 'qualifier' | 'ifExists'> {
  let operator = name.toLowerCase();
  let qualifier: Condition['qualifier'];
  const colon = operator.indexOf(':');
  const before = operator.slice(0, Math.max(colon, 0));
  if (before === 'forallvalues' || before === 'foranyvalue') {
    qualifier = before;
    operator = operator.slice(colon + 1);
  }
  const ifExists = operator.endsWith('ifexists');
  if (ifExists) operator = operator.slice(0, -'ifexists'.length);
  return { operator, qualifier, ifExists };
}

function holdsAlways(condition: Condition): boolean {
  const { operator, key, values } = condition;
  const isPresent = ALWAYS_PRESENT.has(key);
  if (operator === 'null')
    return isPresent && values.length > 0 && values.every((value) => value === 'false');
  // Without the key, IfExists and ForAllValues hold: what is left is that any value passes.
  if (!isPresent && !condition.ifExists && condition.qualifier !== 'forallvalues') return false;
  return values.some((value) => passesAnything(operator, key, value));
}

/** True when any value of the key passes the operator with this one. */
function passesAnything(operator: string, key: string, value: string): boolean {
  switch (operator) {
    case 'stringlike':
    case 'arnlike':
      return /^[*?]*\*[*?]*$/.test(value) || isItsOwnVariable(key, value);
    case 'stringequals':
    case 'stringequalsignorecase':
    case 'arnequals':
      return isItsOwnVariable(key, value) || (operator === 'arnequals' && value === '*');
    case 'bool':
      return key === 'aws:securetransport' && value.toLowerCase() === 'true';
    case 'ipaddress':
      return value === '0.0.0.0/0' || value === '::/0';
    case 'dategreaterthan':
    case 'dategreaterthanequals':
      return isTime(key) && isDate(value) && value < LONG_PAST;
    case 'datelessthan':
    case 'datelessthanequals':
      return isTime(key) && isDate(value) && value > FAR_FUTURE;
    case 'numericgreaterthan':
    case 'numericgreaterthanequals':
      return key === 'aws:epochtime' && Number(value) < Date.parse(LONG_PAST) / 1000;
    default:
      return false;
  }
}

/** `${aws:username}` as the value of aws:username compares the key with itself. */
function isItsOwnVariable(key: string, value: string): boolean {
  return value.toLowerCase() === `\${${key}}`;
}

function isTime(key: string): boolean {
  return key === 'aws:currenttime' || key === 'aws:epochtime';
}

function isDate(value: string): boolean {
  return /^\d{4}-\d{2}-\d{2}/.test(value);
}
