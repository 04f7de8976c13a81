import type { AccessLevelName, ActionsFile } from '../../../src/knowledge/actions-file.ts';
import {
  ACCESS_LEVEL_NAMES,
  LEVEL_KEYS,
  RETIRED_MARK,
  UNRESTRICTABLE_MARK,
} from '../../../src/knowledge/actions-file.ts';

/** What the builder knows of one action, whatever the source. */
export type SourceAction = {
  readonly level: AccessLevelName;
  readonly restrictable: boolean;
  readonly retired: boolean;
};

/** `service:Action` in AWS's spelling to its row. */
export type SourceActions = ReadonlyMap<string, SourceAction>;

const ACTION_SHAPE = /^[a-z0-9-]{1,64}:[A-Za-z0-9-]{1,128}$/;

/** Throws unless `action` looks like `service:Action`: the packed file relies on it. */
export function checkActionShape(action: string): string {
  if (!ACTION_SHAPE.test(action)) throw new Error(`not an action name: ${JSON.stringify(action)}`);
  return action;
}

/** Packs actions per service and level; see `ActionsFile`. */
export function packServices(actions: SourceActions): ActionsFile['services'] {
  const services: { [prefix: string]: { [key: string]: string } } = {};
  for (const action of [...actions.keys()].sort(byServiceThenName)) {
    const row = actions.get(action);
    if (row === undefined) continue;
    const [prefix, name] = splitAction(checkActionShape(action));
    const marks = (row.restrictable ? '' : UNRESTRICTABLE_MARK) + (row.retired ? RETIRED_MARK : '');
    const key = LEVEL_KEYS[ACCESS_LEVEL_NAMES.indexOf(row.level)] ?? 'L';
    services[prefix] ??= {};
    const levels = services[prefix];
    const before = levels[key];
    levels[key] = `${before === undefined ? '' : `${before} `}${name}${marks}`;
  }
  for (const levels of Object.values(services)) sortLevels(levels);
  return services;
}

/** The reverse of {@link packServices}. */
export function unpackServices(services: ActionsFile['services']): Map<string, SourceAction> {
  const actions = new Map<string, SourceAction>();
  for (const [prefix, levels] of Object.entries(services)) {
    LEVEL_KEYS.forEach((key, index) => {
      for (const marked of (levels[key] ?? '').split(' ')) {
        if (marked === '') continue;
        actions.set(`${prefix}:${marked.replace(/[~!]{0,2}$/, '')}`, {
          level: ACCESS_LEVEL_NAMES[index] ?? 'List',
          restrictable: !marked.includes(UNRESTRICTABLE_MARK),
          retired: marked.endsWith(RETIRED_MARK),
        });
      }
    });
  }
  return actions;
}

/** `['iam', 'CreateUser']` of `iam:CreateUser`. */
export function splitAction(action: string): [prefix: string, name: string] {
  const colon = action.indexOf(':');
  return [action.slice(0, colon), action.slice(colon + 1)];
}

/** By service prefix, then by name, each by code unit of the lower-case form: the catalog's order. */
export function byServiceThenName(a: string, b: string): number {
  const [prefixA, nameA] = splitAction(a.toLowerCase());
  const [prefixB, nameB] = splitAction(b.toLowerCase());
  return compare(prefixA, prefixB) || compare(nameA, nameB);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function sortLevels(levels: { [key: string]: string }): void {
  const copy = { ...levels };
  for (const key of LEVEL_KEYS) delete levels[key];
  for (const key of LEVEL_KEYS) {
    const names = copy[key];
    if (names !== undefined) levels[key] = names;
  }
}
