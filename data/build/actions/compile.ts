import { createHash } from 'node:crypto';
import type { ActionsFile, EventTable, SourceRow, VariantRow } from '../../../src/knowledge/actions-file.ts';
import type { Exceptions } from './exceptions.ts';
import {
  byServiceThenName,
  checkActionShape,
  packServices,
  type SourceAction,
  type SourceActions,
  splitAction,
  unpackServices,
} from './source-action.ts';

/** What {@link compileActions} puts together. */
export type CompileInput = {
  readonly sources: readonly SourceRow[];
  /** The current upstream list. */
  readonly current: SourceActions;
  /** An older upstream list: what it has and the current one lacks is retired. */
  readonly older: SourceActions;
  readonly dependents: ReadonlyMap<string, readonly string[]>;
  readonly exceptions: Exceptions;
  /** Operation mappings that AWS publishes; ours step back behind them. */
  readonly operations: ReadonlyMap<string, PublishedOperation>;
  /** The committed file, if there is one. */
  readonly committed: ActionsFile | undefined;
};

/** AWS's own mapping of one operation, keyed by `source:Operation`. */
export type PublishedOperation = {
  readonly actions: readonly string[];
  readonly conditional: readonly string[];
};

/** More than this share of the actions gone at once is a broken source, not a change. */
const LARGEST_DROP = 0.02;

/** Builds the content of `data/actions.json`. Throws when a guard says the sources cannot be right. */
export function compileActions(input: CompileInput): ActionsFile {
  refuseDrop(input.current, input.committed);
  const actions = withRetired(input);
  const services = packServices(actions);
  const tables = {
    services,
    hosts: compileHosts(input.exceptions, actions),
    ...compileEvents(input, actions),
    none: table(input.exceptions.none, (row) => row.reason),
    notes: table(input.exceptions.notes, (row) => row.note),
    variants: compileVariants(input.exceptions, actions),
    event_types: sorted(input.exceptions.eventTypes),
    dependents: compileDependents(input, actions),
  };
  return {
    format: 1,
    sources: input.sources,
    catalog_hash: shortHash(services),
    hash: shortHash(tables),
    ...tables,
  };
}

/** Short, stable hash of a JSON value. */
export function shortHash(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 16);
}

function refuseDrop(current: SourceActions, committed: ActionsFile | undefined): void {
  if (committed === undefined) return;
  const before = [...unpackServices(committed.services).values()].filter((row) => !row.retired).length;
  if (current.size < before * (1 - LARGEST_DROP)) {
    throw new Error(`the sources list ${current.size} actions where ${before} were known: refused`);
  }
}

function withRetired({ current, older, committed }: CompileInput): Map<string, SourceAction> {
  const actions = new Map(current);
  const known = new Set([...current.keys()].map((action) => action.toLowerCase()));
  const former = [...unpackServices(committed?.services ?? {}), ...older];
  for (const [action, row] of former) {
    if (known.has(action.toLowerCase())) continue;
    known.add(action.toLowerCase());
    actions.set(action, { ...row, retired: true });
  }
  return actions;
}

function compileHosts(exceptions: Exceptions, actions: SourceActions): ActionsFile['hosts'] {
  const prefixes = new Set([...actions.keys()].map((action) => splitAction(action)[0]));
  const hosts: { [label: string]: string } = {};
  for (const label of Object.keys(exceptions.hosts).sort()) {
    const known = exceptions.hosts[label]?.prefixes.filter((prefix) => prefixes.has(prefix)) ?? [];
    if (known.length > 0 && known.join(' ') !== label) hosts[label] = known.join(' ');
  }
  return hosts;
}

function compileEvents(
  input: CompileInput,
  actions: SourceActions,
): Record<'events' | 'any' | 'conditional', EventTable> {
  const events = new Map<string, string>();
  const any = new Map<string, string>();
  const conditional = new Map<string, string>();
  for (const row of input.exceptions.events) {
    const key = `${row.source}:${row.name}`;
    const names = knownActions(row.actions, actions, key);
    (row.mode === 'any' ? any : events).set(key, names);
    if (row.conditional !== undefined) conditional.set(key, knownActions(row.conditional, actions, key));
  }
  for (const [key, published] of input.operations) {
    any.delete(key);
    events.set(key, published.actions.join(' '));
    if (published.conditional.length > 0) conditional.set(key, published.conditional.join(' '));
    else conditional.delete(key);
  }
  return { events: nested(events), any: nested(any), conditional: nested(conditional) };
}

function compileVariants(exceptions: Exceptions, actions: SourceActions): ActionsFile['variants'] {
  const variants: { [source: string]: { [name: string]: VariantRow[] } } = {};
  for (const {
    source,
    name,
    actions: names,
    parameters,
    contains,
    identityTypes,
    reason,
  } of exceptions.variants) {
    variants[source] ??= {};
    const bySource = variants[source];
    bySource[name] ??= [];
    bySource[name].push({
      ...(parameters === undefined ? {} : { parameters }),
      ...(contains === undefined ? {} : { contains }),
      ...(identityTypes === undefined ? {} : { identityTypes }),
      actions: knownActions(names, actions, `${source}:${name}`),
      ...(reason === undefined ? {} : { reason }),
    });
  }
  return sorted(variants);
}

function compileDependents(input: CompileInput, actions: SourceActions): EventTable {
  const all = new Map<string, Set<string>>();
  for (const [action, needed] of [...input.dependents, ...Object.entries(input.exceptions.dependents)]) {
    if (!actions.has(action)) continue;
    const set = all.get(action) ?? new Set();
    for (const name of needed) if (actions.has(name)) set.add(name);
    all.set(action, set);
  }
  const packed = [...all].filter(([, set]) => set.size > 0);
  return nested(new Map(packed.map(([action, set]) => [action, [...set].sort(byServiceThenName).join(' ')])));
}

/** Every action of a hand-made row must be one that AWS lists or listed. */
function knownActions(names: readonly string[], actions: SourceActions, where: string): string {
  for (const name of names) {
    if (!actions.has(checkActionShape(name)))
      throw new Error(`${where} maps to ${name}, which AWS does not list`);
  }
  return names.join(' ');
}

function table<Row extends { source: string; name: string }>(
  rows: readonly Row[],
  value: (row: Row) => string,
): EventTable {
  return nested(new Map(rows.map((row) => [`${row.source}:${row.name}`, value(row)])));
}

function nested(flat: ReadonlyMap<string, string>): EventTable {
  const result: { [source: string]: { [name: string]: string } } = {};
  for (const key of [...flat.keys()].sort()) {
    const [source, name] = splitAction(key);
    result[source] ??= {};
    const row = result[source];
    row[name] = flat.get(key) ?? '';
  }
  return sorted(result);
}

function sorted<Value>(record: { readonly [key: string]: Value }): { [key: string]: Value } {
  return Object.fromEntries(
    Object.keys(record)
      .sort()
      .map((key) => [key, record[key] as Value]),
  );
}
