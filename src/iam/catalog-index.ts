import { ActionSet } from './action-set.ts';
import type { ActionCatalog } from './catalog.ts';

/** What is derived once from a catalog and used by every analysis. */
export type CatalogIndex = {
  readonly size: number;
  /** No action. */
  readonly none: ActionSet;
  /** Every action. */
  readonly all: ActionSet;
  /** Actions without resource types: granted whatever the statement's resources. */
  readonly unrestrictable: ActionSet;
  /** Actions AWS still lists. */
  readonly current: ActionSet;
  /** Lower-case service prefixes with their id ranges, ascending. */
  readonly services: readonly ServiceRange[];
  /** Per action: index into `services`. */
  readonly serviceOf: Uint16Array;
  /** Per action: {@link characterMask} of the part behind the colon. */
  readonly masks: Uint32Array;
  /** Per action: the lower-case part behind the colon. */
  readonly shortNames: readonly string[];
};

export type ServiceRange = { readonly name: string; readonly first: number; readonly end: number };

const indexes = new WeakMap<ActionCatalog, CatalogIndex>();

/** The index of a catalog, made at its first use. */
export function indexOfCatalog(catalog: ActionCatalog): CatalogIndex {
  let index = indexes.get(catalog);
  if (index === undefined) {
    index = buildIndex(catalog);
    indexes.set(catalog, index);
  }
  return index;
}

/**
 * Which characters a lower-case text holds, one bit each (digits share one, everything else another): a
 * pattern can match a name only if the name holds all of the pattern's characters.
 */
export function characterMask(text: string): number {
  let mask = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code >= 97 && code <= 122) mask |= 1 << (code - 97);
    else if (code >= 48 && code <= 57) mask |= 1 << 26;
    else if (code !== 42 && code !== 63) mask |= 1 << 27;
  }
  return mask >>> 0;
}

function buildIndex(catalog: ActionCatalog): CatalogIndex {
  const size = catalog.names.length;
  const unrestrictable = ActionSet.empty(size);
  const current = ActionSet.empty(size);
  const masks = new Uint32Array(size);
  const serviceOf = new Uint16Array(size);
  const shortNames: string[] = [];
  const services = [...catalog.services].map(([name, [first, end]]) => ({ name, first, end }));
  services.sort((a, b) => a.first - b.first);
  services.forEach((service, number) => {
    serviceOf.fill(number, service.first, service.end);
  });
  for (let id = 0; id < size; id++) {
    if (catalog.restrictable[id] === 0) unrestrictable.add(id);
    if (catalog.retired[id] === 0) current.add(id);
    const name = catalog.lowerNames[id] ?? '';
    const shortName = name.slice(name.indexOf(':') + 1);
    shortNames.push(shortName);
    masks[id] = characterMask(shortName);
  }
  return {
    size,
    none: ActionSet.empty(size),
    all: ActionSet.full(size),
    unrestrictable,
    current,
    services,
    serviceOf,
    masks,
    shortNames,
  };
}
