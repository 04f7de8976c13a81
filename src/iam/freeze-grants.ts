import type { Grants, Scope } from './analysis.ts';
import type { ActionCatalog } from './catalog.ts';
import { indexOfCatalog } from './catalog-index.ts';

/** Freezes grants; without any, the grants of a policy that allows nothing we know of. */
export function freezeGrants(grants: Grants | undefined, catalog: ActionCatalog): Grants {
  const { catalog: hash, direct, scopes, denies, unknown, complete } = grants ?? noGrants(catalog);
  return Object.freeze({
    catalog: hash,
    direct,
    scopes: Object.freeze(scopes.map(frozen)),
    denies: Object.freeze(denies.map(frozen)),
    unknown: Object.freeze(unknown),
    complete,
  });
}

function frozen(scope: Scope): Scope {
  Object.freeze(scope.within);
  return Object.freeze(scope);
}

function noGrants(catalog: ActionCatalog): Grants {
  return {
    catalog: catalog.hash,
    direct: indexOfCatalog(catalog).none,
    scopes: [],
    denies: [],
    unknown: [],
    complete: false,
  };
}
