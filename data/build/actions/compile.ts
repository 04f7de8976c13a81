import { createHash } from 'node:crypto';
import type { ActionsFile, EventTable, SourceRow, VariantRow } from '../../../src/knowledge/actions-file.ts';
import { compileEvents, joinKnown, nestTable, type PublishedOperations, sortKeys } from './compile-events.ts';
import type { Exceptions } from './exceptions.ts';
import {
  byServiceThenName,
  packServices,
  type SourceAction,
  type SourceActions,
  splitAction,
  unpackServices,
} from './source-action.ts';

/** What {@link compileActions} puts together. */
export type CompileInput = {
  /** Where the rest came from; the first is the one the file is named after. */
  readonly sources: readonly SourceRow[];
  /** What AWS lists now. */
  readonly current: SourceActions;
  /** An older list: what it has and the current one lacks is retired. */
  readonly older: SourceActions;
  readonly dependents: ReadonlyMap<string, readonly string[]>;
  readonly exceptions: Exceptions;
  readonly operations: PublishedOperations;
  /** The committed file, if there is one: actions never leave it. */
  readonly committed: Pick<ActionsFile, 'services'> | undefined;
};

/** More than this share of the actions gone at once is a broken source, not a change. */
const LARGEST_DROP = 0.02;

/** Builds the content of `data/actions.json`. Throws when a guard says the sources cannot be right. */
export function compileActions(input: CompileInput): ActionsFile {
  refuseDrop(input.current, input.committed);
  const { exceptions } = input;
  const actions = withRetired(input);
  const services = packServices(actions);
  const tables = {
    services,
    hosts: compileHosts(exceptions, actions),
    ...compileEvents(exceptions, actions, input.operations),
    none: nestTable(new Map(exceptions.none.map((row) => [`${row.source}:${row.name}`, row.reason]))),
    notes: nestTable(new Map(exceptions.notes.map((row) => [`${row.source}:${row.name}`, row.note]))),
    variants: compileVariants(exceptions, actions),
    event_types: sortKeys(exceptions.eventTypes),
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

/** Throws when `current` lacks more actions of the committed file than a real change would take away. */
export function refuseDrop(current: SourceActions, committed: CompileInput['committed']): void {
  if (committed === undefined) return;
  const before = [...unpackServices(committed.services).values()].filter((row) => !row.retired).length;
  if (current.size < before * (1 - LARGEST_DROP)) {
    throw new Error(`the sources list ${current.size} actions where ${before} were known: refused`);
  }
}

/** Short, stable hash of a JSON value. */
function shortHash(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 16);
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
  for (const [label, row] of Object.entries(exceptions.hosts)) {
    const known = row.prefixes.filter((prefix) => prefixes.has(prefix));
    if (known.length > 0 && known.join(' ') !== label) hosts[label] = known.join(' ');
  }
  return sortKeys(hosts);
}

function compileVariants(exceptions: Exceptions, actions: SourceActions): ActionsFile['variants'] {
  const variants: { [source: string]: { [name: string]: VariantRow[] } } = {};
  for (const { source, name, parameters, contains, identityTypes, reason, ...row } of exceptions.variants) {
    variants[source] ??= {};
    const bySource = variants[source];
    bySource[name] ??= [];
    bySource[name].push({
      ...(parameters === undefined ? {} : { parameters }),
      ...(contains === undefined ? {} : { contains }),
      ...(identityTypes === undefined ? {} : { identityTypes }),
      actions: joinKnown(row.actions, actions, `${source}:${name}`),
      ...(reason === undefined ? {} : { reason }),
    });
  }
  return sortKeys(variants);
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
  return nestTable(
    new Map(packed.map(([action, set]) => [action, [...set].sort(byServiceThenName).join(' ')])),
  );
}
