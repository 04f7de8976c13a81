import type { ActionsFile, EventTable } from '../../../src/knowledge/actions-file.ts';
import type { Exceptions } from './exceptions.ts';
import { checkActionShape, type SourceActions, splitAction } from './source-action.ts';

/** AWS's own list of actions that may authorize an operation, keyed by `service:Operation`. */
export type PublishedOperations = ReadonlyMap<string, readonly string[]>;

type Tables = Pick<ActionsFile, 'events' | 'any' | 'conditional'>;

/**
 * The tables of operations whose actions are not (only) the same-named one.
 *
 * What AWS publishes is a superset: everything that may be authorized. Of it the same-named action is
 * primary and the rest conditional; without one, the row of our table decides as far as AWS confirms it;
 * a single action is primary; of several, one was needed. Where AWS publishes nothing, our table stands.
 */
export function compileEvents(
  exceptions: Exceptions,
  actions: SourceActions,
  published: PublishedOperations,
): Tables {
  const maps = { events: new Map(), any: new Map(), conditional: new Map() } satisfies Record<
    keyof Tables,
    Map<string, string>
  >;
  for (const row of exceptions.events) {
    const key = `${row.source}:${row.name}`;
    maps[row.mode === 'any' ? 'any' : 'events'].set(key, joinKnown(row.actions, actions, key));
    if (row.conditional !== undefined) maps.conditional.set(key, joinKnown(row.conditional, actions, key));
  }
  for (const [operation, authorized] of published) {
    const known = authorized.filter((action) => actions.has(action));
    if (known.length === 0) continue;
    for (const key of eventKeys(operation, exceptions)) applyPublished(maps, key, operation, known);
  }
  return {
    events: nestTable(maps.events),
    any: nestTable(maps.any),
    conditional: nestTable(maps.conditional),
  };
}

/** An operation appears in events under its service's prefix and under the hosts that stand for it. */
function eventKeys(operation: string, exceptions: Exceptions): string[] {
  const [prefix, name] = splitAction(operation);
  const hosts = Object.keys(exceptions.hosts).filter(
    (label) => exceptions.hosts[label]?.prefixes[0] === prefix,
  );
  return [...new Set([prefix, ...hosts])].map((label) => `${label}:${name}`);
}

function applyPublished(
  maps: Record<keyof Tables, Map<string, string>>,
  key: string,
  operation: string,
  authorized: readonly string[],
): void {
  const ours = maps.events.get(key)?.split(' ');
  const primary = primaryOf(operation, authorized, ours);
  maps.events.delete(key);
  maps.any.delete(key);
  maps.conditional.delete(key);
  if (primary === undefined) {
    maps.any.set(key, authorized.join(' '));
    return;
  }
  const rest = authorized.filter((action) => !primary.includes(action));
  if (primary[0] !== operation) maps.events.set(key, primary.join(' '));
  if (rest.length > 0) maps.conditional.set(key, rest.join(' '));
}

/** The actions that all were needed, or undefined when it was one of several. */
function primaryOf(
  operation: string,
  authorized: readonly string[],
  ours: readonly string[] | undefined,
): readonly string[] | undefined {
  if (authorized.includes(operation)) return [operation];
  if (ours?.every((action) => authorized.includes(action))) return ours;
  return authorized.length === 1 ? authorized : undefined;
}

/** Space-joined `names`, each of which must be an action that AWS lists or listed. */
export function joinKnown(names: readonly string[], actions: SourceActions, where: string): string {
  for (const name of names) {
    if (!actions.has(checkActionShape(name)))
      throw new Error(`${where} maps to ${name}, which AWS does not list`);
  }
  return names.join(' ');
}

/** `source:name` keys as nested, sorted tables. */
export function nestTable(flat: ReadonlyMap<string, string>): EventTable {
  const result: { [source: string]: { [name: string]: string } } = {};
  for (const key of [...flat.keys()].sort()) {
    const [source, name] = splitAction(key);
    result[source] ??= {};
    const row = result[source];
    row[name] = flat.get(key) ?? '';
  }
  return sortKeys(result);
}

/** A copy with its keys sorted by code unit. */
export function sortKeys<Value>(record: { readonly [key: string]: Value }): { [key: string]: Value } {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
}
