import type { Caller } from '../../cloudtrail/caller.ts';
import type { CloudTrailEvent } from '../../cloudtrail/event.ts';
import { isObject } from '../../cloudtrail/json.ts';

/**
 * The value at `steps` when no list and no `*` is on the way; {@link SEVERAL} when there is, which asks for
 * {@link valuesAt}; undefined when nothing is there. Most paths of most records end here, without a list made.
 */
export function valueAt(event: CloudTrailEvent, steps: readonly string[]): unknown {
  const root = steps[0] ?? '';
  const first = steps[1];
  let next = 1;
  let value: unknown;
  if (root === 'requestParameters' && first !== undefined && first !== '*') {
    value = event.requestParameter(first);
    next = 2;
  } else if (root === 'userIdentity' && steps.length === 2) {
    const known = callerMember(event.caller, first);
    if (known !== undefined) return known;
    value = event.userIdentity;
  } else {
    value = rootMember(event, root);
  }
  for (let index = next; index < steps.length; index++) {
    const step = steps[index] ?? '';
    if (Array.isArray(value) || step === '*') return SEVERAL;
    if (!isObject(value) || !Object.hasOwn(value, step)) return undefined;
    value = value[step];
  }
  return Array.isArray(value) ? SEVERAL : (value ?? undefined);
}

/** A member that most conditions on callers read; undefined also when only the identity itself can tell. */
function callerMember(caller: Caller | undefined, name: string | undefined): string | undefined {
  switch (name) {
    case 'type':
      return caller?.type;
    case 'accountId':
      return caller?.accountId;
    case 'invokedBy':
      return caller?.invokedBy;
    default:
      return undefined;
  }
}

/** See {@link valueAt}. */
export const SEVERAL = Symbol('several values');

/** More values than this of one path are not looked at. */
const MAX_VALUES = 256;

/**
 * The values that `steps` lead to in a record. Lists on the way and at the end are taken element by
 * element, because AWS writes the same member now as a value, now as a list; `*` is every member.
 * Bounded; null counts as absent.
 */
export function valuesAt(event: CloudTrailEvent, steps: readonly string[]): readonly unknown[] {
  const [root, ...rest] = steps;
  if (root === undefined) return [];
  let values = expanded([rootMember(event, root)]);
  for (const step of rest) values = expanded(step === '*' ? everyMember(values) : memberOfEach(values, step));
  return values;
}

/** The first value at `steps` when it is text or a number, as text. */
export function textAt(event: CloudTrailEvent, steps: readonly string[]): string | undefined {
  const single = valueAt(event, steps);
  const value = single === SEVERAL ? valuesAt(event, steps)[0] : single;
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}

/** True when the record has the object that the path starts in: what is not recorded is not absent. */
export function hasRoot(event: CloudTrailEvent, steps: readonly string[]): boolean {
  return steps.length <= 1 || rootMember(event, steps[0] ?? '') !== undefined;
}

function rootMember(event: CloudTrailEvent, root: string): unknown {
  switch (root) {
    case 'requestParameters':
      return event.requestParameters;
    case 'responseElements':
      return event.responseElements;
    case 'additionalEventData':
      return event.additionalEventData;
    case 'userIdentity':
      return event.userIdentity;
    case 'userAgent':
      return event.userAgent;
    case 'sourceIPAddress':
      return event.sourceIPAddress;
    case 'recipientAccountId':
      return event.recipientAccountId;
    default:
      return event.member(root);
  }
}

function memberOfEach(values: readonly unknown[], name: string): unknown[] {
  const found: unknown[] = [];
  for (const value of values) if (isObject(value) && Object.hasOwn(value, name)) found.push(value[name]);
  return found;
}

function everyMember(values: readonly unknown[]): unknown[] {
  const found: unknown[] = [];
  for (const value of values) {
    if (!isObject(value)) continue;
    for (const key in value) {
      if (found.length >= MAX_VALUES) return found;
      if (Object.hasOwn(value, key)) found.push(value[key]);
    }
  }
  return found;
}

/** Lists replaced by their elements, one level deep; null left out. */
function expanded(values: readonly unknown[]): unknown[] {
  const all: unknown[] = [];
  for (const value of values) {
    if (all.length >= MAX_VALUES) break;
    if (Array.isArray(value)) pushElements(all, value);
    else if (value !== undefined && value !== null) all.push(value);
  }
  return all;
}

function pushElements(all: unknown[], list: readonly unknown[]): void {
  for (const element of list) {
    if (all.length >= MAX_VALUES) return;
    if (element !== undefined && element !== null) all.push(element);
  }
}
