import {
  ACCESS_LEVEL_NAMES,
  type AccessLevelName,
  type ActionsFile,
  LEVEL_LETTERS,
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

/** Packs actions per service; see `ServiceActions`. */
export function packServices(actions: SourceActions): ActionsFile['services'] {
  const rows = new Map<string, { names: string[]; levels: string; retired: string[] }>();
  for (const action of [...actions.keys()].sort(byServiceThenName)) {
    const row = actions.get(action);
    if (row === undefined) continue;
    const [prefix, name] = splitAction(checkActionShape(action));
    const service = rows.get(prefix) ?? { names: [], levels: '', retired: [] };
    const letter = LEVEL_LETTERS.charAt(ACCESS_LEVEL_NAMES.indexOf(row.level));
    service.names.push(name);
    service.levels += row.restrictable ? letter : letter.toLowerCase();
    if (row.retired) service.retired.push(name);
    rows.set(prefix, service);
  }
  const packed = [...rows].map(([prefix, { names, levels, retired }]) => [
    prefix,
    { names: names.join(' '), levels, ...(retired.length === 0 ? {} : { retired: retired.join(' ') }) },
  ]);
  return Object.fromEntries(packed) as ActionsFile['services'];
}

/** The reverse of {@link packServices}. */
export function unpackServices(services: ActionsFile['services']): Map<string, SourceAction> {
  const actions = new Map<string, SourceAction>();
  for (const [prefix, { names, levels, retired }] of Object.entries(services)) {
    const gone = new Set(retired?.split(' '));
    names.split(' ').forEach((name, index) => {
      const letter = levels.charAt(index);
      actions.set(`${prefix}:${name}`, {
        level: ACCESS_LEVEL_NAMES[LEVEL_LETTERS.indexOf(letter.toUpperCase())] ?? 'List',
        restrictable: LEVEL_LETTERS.includes(letter),
        retired: gone.has(name),
      });
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
