import { type Actions, dependentsOf, highestLevel, tableEntry } from './actions.ts';
import type { VariantRow } from './actions-file.ts';
import type { Operation, OperationVariant } from './operation.ts';

/** Longer sources and names are no AWS operation; AWS's longest name has 71 characters. */
export const MAX_LENGTH = 128;

const NO_OPERATION = freezeOperation({
  source: '',
  service: '',
  name: '',
  resolvedBy: 'none',
  reason: 'the record names no event source or no event name',
});

const TOO_LONG = freezeOperation({
  source: '',
  service: '',
  name: '',
  resolvedBy: 'none',
  reason: 'the event source or name is longer than any AWS operation',
});

/**
 * The operation behind a record's `eventSource` and `eventName`, as far as these two decide it:
 * exceptions by exact name, again without an API date, then the IAM prefixes of the host, exactly and
 * regardless of case. Operations that also depend on the request carry `variants`.
 *
 * Repeated questions are answered from `actions.operations`, with the same object.
 */
export function resolveOperation(
  actions: Actions,
  eventSource: string | undefined,
  eventName: string | undefined,
): Operation {
  if (eventSource === undefined || eventName === undefined) return NO_OPERATION;
  const cached = actions.operations.get(eventSource, eventName);
  if (cached !== undefined) return cached;
  if (eventSource.length > MAX_LENGTH || eventName.length > MAX_LENGTH) return TOO_LONG;
  const operation = resolveAnew(actions, eventSource, eventName);
  actions.operations.set(eventSource, eventName, operation);
  return operation;
}

/** `iam` of `iam.amazonaws.com`; also for China's and other AWS host suffixes, and a bare label. */
export function serviceLabel(eventSource: string): string {
  const host = eventSource.toLowerCase();
  for (const suffix of HOST_SUFFIXES) {
    if (host.endsWith(suffix) && host.length > suffix.length) return host.slice(0, -suffix.length);
  }
  return host;
}

const HOST_SUFFIXES = [
  '.amazonaws.com',
  '.amazonaws.com.cn',
  '.amazonaws.eu',
  '.amazon.aws',
  '.api.aws',
] as const;

/** `CreateFunction` of `CreateFunction20150331` or `CreateFunction20150331v2`. Version numbers stay. */
export function stripApiDate(eventName: string): string {
  const date = API_DATE.exec(eventName);
  return date === null || date.index === 0 ? eventName : eventName.slice(0, date.index);
}

const API_DATE = /(?:20\d{6}(?:v\d{1,2})?|20\d{2}_\d{2}_\d{2})$/;

/** What a lookup found; the base of an {@link Operation}. */
export type Match = Pick<Operation, 'resolvedBy'> & {
  readonly iam?: readonly string[];
  readonly anyOf?: readonly string[];
  readonly reason?: string;
};

/** What our table of exceptions says of exactly this name. */
export function matchException(actions: Actions, service: string, name: string): Match | undefined {
  const reason = tableEntry(actions.tables.none, service, name);
  if (reason !== undefined) return { resolvedBy: 'none', reason };
  const all = tableEntry(actions.tables.events, service, name);
  if (all !== undefined) return { resolvedBy: 'exception', iam: all.split(' ') };
  const anyOf = tableEntry(actions.tables.any, service, name);
  return anyOf === undefined ? undefined : { resolvedBy: 'exception', anyOf: anyOf.split(' ') };
}

/** The action of the same name under one of the host's prefixes: exactly spelled, else in any case. */
export function matchPrefixes(actions: Actions, service: string, name: string): Match | undefined {
  let found: Match | undefined;
  for (const prefix of prefixesOf(actions, service)) {
    const action = `${prefix}:${name}`;
    const id = actions.catalog.idOf(action.toLowerCase());
    const listed = id === undefined ? undefined : actions.catalog.names[id];
    if (listed === undefined) continue;
    const match: Match = { resolvedBy: prefix === service ? 'name' : 'host', iam: [listed] };
    if (listed === action) return match;
    found ??= match;
  }
  return found;
}

/** IAM prefixes under which the operations of a host are authorized, in the order to try them. */
export function prefixesOf(actions: Actions, service: string): readonly string[] {
  const { hosts } = actions.tables;
  if (Object.hasOwn(hosts, service)) return hosts[service]?.split(' ') ?? [];
  const dot = service.indexOf('.');
  return dot <= 0 ? [service] : [service, service.slice(0, dot)];
}

function resolveAnew(actions: Actions, eventSource: string, eventName: string): Operation {
  const service = serviceLabel(eventSource);
  const name = stripApiDate(eventName);
  const match =
    matchException(actions, service, eventName) ??
    (name === eventName ? undefined : matchException(actions, service, name)) ??
    matchPrefixes(actions, service, eventName) ??
    (name === eventName ? undefined : matchPrefixes(actions, service, name));
  const isDated = name !== eventName && match?.resolvedBy !== 'none';
  return toOperation(actions, service, name, isDated && match ? { ...match, resolvedBy: 'suffix' } : match);
}

function toOperation(actions: Actions, service: string, name: string, match: Match | undefined): Operation {
  const base = { source: `${service}.amazonaws.com`, service, name };
  if (match === undefined) return freezeOperation({ ...base, resolvedBy: 'unknown' });
  const iam = match.iam ?? [];
  const anyOf = match.anyOf ?? [];
  const listed = listedConditional(actions, service, name);
  return freezeOperation({
    ...base,
    resolvedBy: match.resolvedBy,
    iam,
    anyOf: anyOf.length > 0,
    conditional: withDependents(actions, iam, [...anyOf, ...listed]),
    level: highestLevel(actions, iam.length > 0 ? iam : anyOf),
    reason: match.reason ?? tableEntry(actions.tables.notes, service, name) ?? anyOfReason(anyOf),
    variants: variantsOf(actions, service, name),
  });
}

function variantsOf(actions: Actions, service: string, name: string): OperationVariant[] | undefined {
  return tableEntry(actions.tables.variants, service, name)?.map((row) => ({
    test: {
      parameters: row.parameters ?? [],
      contains: row.contains,
      identityTypes: row.identityTypes ?? [],
    },
    operation: variantOperation(actions, service, name, row),
  }));
}

function variantOperation(actions: Actions, service: string, name: string, row: VariantRow): Operation {
  const iam = row.actions === '' ? [] : row.actions.split(' ');
  return freezeOperation({
    source: `${service}.amazonaws.com`,
    service,
    name,
    resolvedBy: iam.length === 0 ? 'none' : 'exception',
    iam,
    conditional:
      iam.length === 0 ? [] : withDependents(actions, iam, listedConditional(actions, service, name)),
    level: highestLevel(actions, iam),
    reason: row.reason,
  });
}

function listedConditional(actions: Actions, service: string, name: string): readonly string[] {
  return tableEntry(actions.tables.conditional, service, name)?.split(' ') ?? [];
}

/** `names` and what `iam` depends on, each once, without `iam` itself. */
function withDependents(actions: Actions, iam: readonly string[], names: readonly string[]): string[] {
  const all = new Set(names);
  for (const action of iam) for (const needed of dependentsOf(actions, action)) all.add(needed);
  for (const action of iam) all.delete(action);
  return [...all];
}

function anyOfReason(anyOf: readonly string[]): string | undefined {
  if (anyOf.length === 0) return undefined;
  return `authorized by one of ${anyOf.join(', ')}; the level is the highest of them`;
}

function freezeOperation(
  operation: Partial<Operation> & Pick<Operation, 'source' | 'service' | 'name' | 'resolvedBy'>,
): Operation {
  const { iam = [], conditional = [], anyOf = false, level, reason, variants } = operation;
  return Object.freeze({
    source: operation.source,
    service: operation.service,
    name: operation.name,
    iam: Object.freeze(iam),
    conditional: Object.freeze(conditional),
    anyOf,
    level,
    resolvedBy: operation.resolvedBy,
    reason,
    variants,
  });
}
