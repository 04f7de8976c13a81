import type { ActionCatalog } from '../iam/catalog.ts';
import {
  type ActionsFile,
  LEVEL_KEYS,
  RETIRED_MARK,
  type ServiceActions,
  UNRESTRICTABLE_MARK,
} from './actions-file.ts';

/** The catalog of AWS's actions out of `services` of `data/actions.json`. */
export function buildActionCatalog(file: Pick<ActionsFile, 'services' | 'catalog_hash'>): ActionCatalog {
  const names: string[] = [];
  const lowerNames: string[] = [];
  const levels: number[] = [];
  const restrictable: number[] = [];
  const retired: number[] = [];
  const services = new Map<string, readonly [number, number]>();

  for (const prefix of Object.keys(file.services).sort(compareLower)) {
    const first = names.length;
    const lowerPrefix = prefix.toLowerCase();
    for (const row of sortedRows(file.services[prefix] ?? {})) {
      const lower = `${lowerPrefix}:${row.lower}`;
      names.push(`${prefix}:${row.name}`);
      lowerNames.push(lower);
      levels.push(row.level);
      restrictable.push(row.restrictable);
      retired.push(row.retired);
    }
    services.set(lowerPrefix, [first, names.length]);
  }
  return {
    names,
    lowerNames,
    levels: Uint8Array.from(levels),
    restrictable: Uint8Array.from(restrictable),
    retired: Uint8Array.from(retired),
    services,
    idOf: lazyIds(lowerNames, services),
    hash: file.catalog_hash,
  };
}

/** Ids by name, indexed per service when one of its names is first asked for: most services never are. */
function lazyIds(
  lowerNames: readonly string[],
  services: ActionCatalog['services'],
): (lowerName: string) => number | undefined {
  const byService = new Map<string, ReadonlyMap<string, number>>();
  return (lowerName) => {
    const service = lowerName.slice(0, Math.max(0, lowerName.indexOf(':')));
    const known = byService.get(service);
    if (known !== undefined) return known.get(lowerName);
    const range = services.get(service);
    if (range === undefined) return undefined;
    const ids = new Map<string, number>();
    for (let id = range[0]; id < range[1]; id++) ids.set(lowerNames[id] ?? '', id);
    byService.set(service, ids);
    return ids.get(lowerName);
  };
}

type Row = { name: string; lower: string; level: number; restrictable: number; retired: number };

function sortedRows(actions: ServiceActions): Row[] {
  const rows: Row[] = [];
  LEVEL_KEYS.forEach((key, level) => {
    const names = actions[key];
    if (names !== undefined) for (const marked of names.split(' ')) rows.push(readRow(marked, level));
  });
  return rows.sort((a, b) => compare(a.lower, b.lower));
}

function readRow(marked: string, level: number): Row {
  const isRetired = marked.endsWith(RETIRED_MARK);
  const rest = isRetired ? marked.slice(0, -1) : marked;
  const isUnrestrictable = rest.endsWith(UNRESTRICTABLE_MARK);
  const name = isUnrestrictable ? rest.slice(0, -1) : rest;
  return {
    name,
    lower: name.toLowerCase(),
    level,
    restrictable: isUnrestrictable ? 0 : 1,
    retired: isRetired ? 1 : 0,
  };
}

function compareLower(a: string, b: string): number {
  return compare(a.toLowerCase(), b.toLowerCase());
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
