import type { ActionCatalog } from '../iam/catalog.ts';
import { buildActionCatalog } from './action-catalog.ts';
import { ACCESS_LEVEL_NAMES, type AccessLevelName, type ActionsFile } from './actions-file.ts';
import { readDataFile } from './data-file.ts';
import type { Operation } from './operation.ts';
import { OperationCache } from './operation-cache.ts';

/** Everything known of AWS's actions and of the operations they authorize: one loaded snapshot. */
export type Actions = {
  readonly catalog: ActionCatalog;
  /** The mapping tables as they are in the file; read them with {@link tableEntry}. */
  readonly tables: ActionsFile;
  /** `eventType` values that are no API calls, with the reason. */
  readonly eventTypes: ReadonlyMap<string, string>;
  /** Operations resolved before; bounded. */
  readonly operations: OperationCache<Operation>;
  readonly dataset: Dataset;
};

/** Which edition of a data set is loaded. */
export type Dataset = {
  readonly name: string;
  readonly version: string;
  /** ISO 8601 day of the main source. */
  readonly date: string;
  readonly hash: string;
};

/** Loads `data/actions.json`; once, at start. Throws when the file is missing or of another format. */
export function loadActions(): Actions {
  return actionsFromFile(readDataFile('actions.json') as ActionsFile);
}

/** {@link Actions} over the content of a file. */
export function actionsFromFile(file: ActionsFile): Actions {
  if (file.format !== 1) throw new Error('data/actions.json has a format this version cannot read');
  const main = file.sources[0];
  return {
    catalog: buildActionCatalog(file),
    tables: file,
    eventTypes: new Map(Object.entries(file.event_types)),
    operations: new OperationCache(),
    dataset: Object.freeze({
      name: 'actions',
      version: main?.version ?? 'unknown',
      date: main?.date ?? 'unknown',
      hash: file.hash,
    }),
  };
}

/** AWS's access level of `service:Action` (any case), or undefined when AWS lists no such action. */
export function accessLevelOf(actions: Actions, action: string): AccessLevelName | undefined {
  const id = actions.catalog.idOf(action.toLowerCase());
  return id === undefined ? undefined : ACCESS_LEVEL_NAMES[actions.catalog.levels[id] ?? 0];
}

/** The highest access level among `names`, or undefined when AWS lists none of them. */
export function highestLevel(actions: Actions, names: readonly string[]): AccessLevelName | undefined {
  let highest = -1;
  for (const name of names) {
    const id = actions.catalog.idOf(name.toLowerCase());
    if (id !== undefined) highest = Math.max(highest, actions.catalog.levels[id] ?? 0);
  }
  return ACCESS_LEVEL_NAMES[highest];
}

/** The actions that `action` (AWS's spelling) may need besides itself, such as `iam:PassRole`. */
export function dependentsOf(actions: Actions, action: string): readonly string[] {
  const colon = action.indexOf(':');
  const value = tableEntry(actions.tables.dependents, action.slice(0, colon), action.slice(colon + 1));
  return value === undefined ? [] : value.split(' ');
}

/** `table[source][name]` by own properties only. */
export function tableEntry<Value>(
  table: { readonly [source: string]: { readonly [name: string]: Value } },
  source: string,
  name: string,
): Value | undefined {
  if (!Object.hasOwn(table, source)) return undefined;
  const row = table[source];
  return row !== undefined && Object.hasOwn(row, name) ? row[name] : undefined;
}
