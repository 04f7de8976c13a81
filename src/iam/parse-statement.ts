import { type Condition, parseConditions } from './conditions.ts';
import { isRecord, type JsonRecord, ownMember } from './json-record.ts';
import { type PrincipalEntry, parsePrincipals } from './principals.ts';

/** One statement, as far as it could be read. */
export type Statement = {
  /** Sid, or its index when there is none. */
  readonly label: string;
  /** Undefined when there is no valid one: the statement then neither allows nor denies. */
  readonly effect: 'Allow' | 'Deny' | undefined;
  /** Well-formed patterns, as written. */
  readonly actions: readonly string[];
  readonly isNotAction: boolean;
  readonly hasResource: boolean;
  readonly resources: readonly string[];
  readonly isNotResource: boolean;
  readonly conditions: readonly Condition[];
  /** True when a condition was there but could not be read: it then limits in a way we do not know. */
  readonly hasUnreadableCondition: boolean;
  readonly hasPrincipal: boolean;
  readonly principals: readonly PrincipalEntry[];
  readonly isNotPrincipal: boolean;
  /** True when AWS would refuse it. */
  readonly isMalformed: boolean;
};

const MEMBERS = new Set([
  'Sid',
  'Effect',
  'Principal',
  'NotPrincipal',
  'Action',
  'NotAction',
  'Resource',
  'NotResource',
  'Condition',
]);
const MAX_LABEL = 128;

/** Reads one element of Statement, and says how many characters its strings hold (at most `room` + one). */
export function parseStatement(
  value: unknown,
  index: number,
  room: number,
): { readonly statement: Statement; readonly length: number } {
  const reader = new Reader(room);
  const record: JsonRecord = isRecord(value) ? value : {};
  if (!isRecord(value)) reader.isMalformed = true;
  for (const key of Object.keys(record)) if (!MEMBERS.has(key)) reader.isMalformed = true;

  const sid = ownMember(record, 'Sid');
  if (sid !== undefined && typeof sid !== 'string') reader.isMalformed = true;
  const effect = ownMember(record, 'Effect');
  if (effect !== 'Allow' && effect !== 'Deny') reader.isMalformed = true;

  const isNotAction = !Object.hasOwn(record, 'Action') && Object.hasOwn(record, 'NotAction');
  const actions = reader.list(record, 'Action', 'NotAction').filter((action) => reader.isAction(action));
  if (actions.length === 0) reader.isMalformed = true;
  const hasResource = Object.hasOwn(record, 'Resource') || Object.hasOwn(record, 'NotResource');
  const resources = hasResource ? reader.list(record, 'Resource', 'NotResource') : [];
  if (hasResource && resources.length === 0) reader.isMalformed = true;

  const condition = ownMember(record, 'Condition');
  const parsed = parseConditions(condition);
  if (parsed.isUnreadable) reader.isMalformed = true;
  reader.take(parsed.length);

  const hasPrincipal = Object.hasOwn(record, 'Principal') || Object.hasOwn(record, 'NotPrincipal');
  const isNotPrincipal = !Object.hasOwn(record, 'Principal') && Object.hasOwn(record, 'NotPrincipal');
  const principals = parsePrincipals(ownMember(record, isNotPrincipal ? 'NotPrincipal' : 'Principal'));
  if (hasPrincipal && principals.isMalformed) reader.isMalformed = true;
  reader.take(principals.length);

  return {
    statement: {
      label: typeof sid === 'string' && sid !== '' ? sid.slice(0, MAX_LABEL) : String(index),
      effect: effect === 'Allow' || effect === 'Deny' ? effect : undefined,
      actions,
      isNotAction,
      hasResource,
      resources,
      isNotResource: !Object.hasOwn(record, 'Resource') && Object.hasOwn(record, 'NotResource'),
      conditions: parsed.conditions,
      hasUnreadableCondition: parsed.isUnreadable,
      hasPrincipal,
      principals: principals.entries,
      isNotPrincipal,
      isMalformed: reader.isMalformed,
    },
    length: reader.length,
  };
}

/** Reads members, remembering what was wrong and how much text there was. */
class Reader {
  isMalformed = false;
  length = 0;
  readonly #room: number;

  constructor(room: number) {
    this.#room = room;
  }

  take(length: number): void {
    this.length += length;
  }

  /** The strings of `key`, or of its negation; both at once is malformed, and the plain one counts. */
  list(record: JsonRecord, key: string, negatedKey: string): string[] {
    if (Object.hasOwn(record, key) && Object.hasOwn(record, negatedKey)) this.isMalformed = true;
    const value = ownMember(record, Object.hasOwn(record, key) ? key : negatedKey);
    const items = Array.isArray(value) ? value : [value];
    const strings: string[] = [];
    for (const item of items) {
      if (this.length > this.#room) break;
      if (typeof item !== 'string' || item === '') {
        this.isMalformed = true;
        this.take(8);
        continue;
      }
      this.take(item.length + 3);
      strings.push(item);
    }
    return strings;
  }

  /** True for `*` and `service:action`; anything else is malformed and matches nothing. */
  isAction(action: string): boolean {
    const colon = action.indexOf(':');
    const isWellFormed =
      colon === -1
        ? isOnlyStars(action)
        : colon > 0 && colon < action.length - 1 && !action.includes(':', colon + 1) && !/\s/.test(action);
    if (!isWellFormed || (colon === -1 && action !== '*')) this.isMalformed = true;
    return isWellFormed;
  }
}

/** `*` is the one action without a service that AWS takes; `**` means the same to anybody who reads it. */
function isOnlyStars(action: string): boolean {
  for (let i = 0; i < action.length; i++) if (action.charCodeAt(i) !== 42) return false;
  return true;
}
