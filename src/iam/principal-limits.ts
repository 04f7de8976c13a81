import type { Condition } from './conditions.ts';
import { hasWildcard, isStars } from './match-pattern.ts';
import { accountOf, isAccountId } from './principals.ts';

/** How conditions limit who a statement is for. */
export type PrincipalLimits = {
  /** Accounts the caller, or the resource it calls for, must be of; undefined when not limited to accounts. */
  readonly accounts: readonly string[] | undefined;
  readonly organizations: readonly string[] | undefined;
  /** True when something else limits it: addresses, VPCs, fixed ARNs, unique ids. */
  readonly isLimitedOtherwise: boolean;
  readonly hasExternalId: boolean;
  /** Every condition key, lower case. */
  readonly keys: readonly string[];
};

type Limit = 'account' | 'organization' | 'arn' | 'address' | 'exact' | 'id';

/**
 * Condition keys that say who calls, or for whom. Keys that the caller chooses (user agent, referer, its
 * own tags, names of its own principals) limit nobody.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html#access-control-block-public-access-policy-status
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
 */
const LIMITS: ReadonlyMap<string, Limit> = new Map([
  ['aws:principalaccount', 'account'],
  ['aws:sourceaccount', 'account'],
  ['aws:sourceowner', 'account'],
  ['aws:vpceaccount', 'account'],
  ['kms:calleraccount', 'account'],
  ['s3:dataaccesspointaccount', 'account'],
  ['aws:principalorgid', 'organization'],
  ['aws:principalorgpaths', 'organization'],
  ['aws:sourceorgid', 'organization'],
  ['aws:sourceorgpaths', 'organization'],
  ['aws:vpceorgid', 'organization'],
  ['aws:vpceorgpaths', 'organization'],
  ['aws:principalarn', 'arn'],
  ['aws:sourcearn', 'arn'],
  ['s3:dataaccesspointarn', 'arn'],
  ['aws:sourceip', 'address'],
  ['aws:vpcsourceip', 'address'],
  ['aws:sourcevpc', 'exact'],
  ['aws:sourcevpce', 'exact'],
  ['aws:sourcevpcarn', 'exact'],
  ['lambda:eventsourcetoken', 'exact'],
  ['aws:userid', 'id'],
]);

const POSITIVE = new Set([
  'stringequals',
  'stringequalsignorecase',
  'stringlike',
  'arnequals',
  'arnlike',
  'ipaddress',
]);
/** The negations of {@link POSITIVE}: in a Deny they say the same as these in an Allow. */
const NEGATIVE = new Map([
  ['stringnotequals', 'stringequals'],
  ['stringnotequalsignorecase', 'stringequalsignorecase'],
  ['stringnotlike', 'stringlike'],
  ['arnnotequals', 'arnequals'],
  ['arnnotlike', 'arnlike'],
  ['notipaddress', 'ipaddress'],
]);
/** Wider address ranges than this are as good as none. */
const MIN_PREFIX_LENGTH = 8;

/** What the conditions of an Allow say about its callers. */
export function limitsOf(conditions: readonly Condition[]): PrincipalLimits {
  const accounts: (readonly string[])[] = [];
  const organizations: (readonly string[])[] = [];
  let isLimitedOtherwise = false;
  let hasExternalId = false;
  for (const condition of conditions) {
    const { key, values } = condition;
    if (!isBinding(condition)) continue;
    if (key === 'sts:externalid' && !values.some(isStars)) hasExternalId = true;
    const limit = LIMITS.get(key);
    if (limit === undefined || !values.every((value) => isFixed(limit, value))) continue;
    if (limit === 'account') accounts.push(values);
    else if (limit === 'organization')
      organizations.push(values.map((value) => value.split('/', 1)[0] ?? ''));
    else if (limit === 'arn' && values.every((value) => isAccountId(accountOf(value) ?? ''))) {
      accounts.push(values.map((value) => accountOf(value) ?? ''));
    } else isLimitedOtherwise = true;
  }
  return {
    accounts: shortest(accounts),
    organizations: shortest(organizations),
    isLimitedOtherwise,
    hasExternalId,
    keys: [...new Set(conditions.map(({ key }) => key))],
  };
}

/**
 * The condition a Deny turns into for whoever it spares: `Deny … StringNotEquals aws:PrincipalOrgID o-1`
 * leaves what `StringEquals aws:PrincipalOrgID o-1` allows. Undefined for conditions of another form.
 */
export function guardOf(conditions: readonly Condition[]): Condition | undefined {
  for (const condition of conditions) {
    const operator = NEGATIVE.get(condition.operator);
    if (operator !== undefined && LIMITS.has(condition.key)) {
      return { ...condition, operator, ifExists: false, qualifier: undefined };
    }
  }
  return undefined;
}

/** True when a request without the key, or with another value, does not pass. */
function isBinding(condition: Condition): boolean {
  return (
    POSITIVE.has(condition.operator) &&
    !condition.ifExists &&
    condition.qualifier !== 'forallvalues' &&
    condition.values.length > 0
  );
}

function isFixed(limit: Limit, value: string): boolean {
  switch (limit) {
    case 'account':
      return isAccountId(value);
    case 'organization':
      return /^o-[a-z0-9]+(\/|$)/.test(value);
    case 'arn':
      return isFixedArn(value);
    case 'address':
      return isNarrowRange(value);
    case 'exact':
      return !hasWildcard(value);
    case 'id':
      return /^[A-Za-z0-9]{8,}/.test(value);
  }
}

/** An ARN with a literal account, or without any account and a literal beginning of the resource (a bucket). */
function isFixedArn(value: string): boolean {
  const parts = value.split(':');
  if (isAccountId(parts[4] ?? '')) return true;
  return parts.length >= 6 && parts[4] === '' && /^[A-Za-z0-9]{3}/.test(parts[5] ?? '');
}

function isNarrowRange(value: string): boolean {
  const slash = value.indexOf('/');
  return slash === -1 || Number(value.slice(slash + 1)) >= MIN_PREFIX_LENGTH;
}

/** Conditions must hold together: the shortest list is as good a bound as any. */
function shortest(lists: readonly (readonly string[])[]): readonly string[] | undefined {
  let result: readonly string[] | undefined;
  for (const list of lists) if (result === undefined || list.length < result.length) result = list;
  return result;
}
