import type { ResourceNeed, ResourceTypes } from '../iam/analysis.ts';
import type { ActionCatalog } from '../iam/catalog.ts';
import { readDataFile } from './data-file.ts';

/** `data/resource-types.json`. */
export type ResourceTypesFile = {
  readonly about: string;
  /** ARN formats, every variable written `*`, ascending. */
  readonly formats: readonly string[];
  /** Per service: `3,7` (all of these formats) or `?3,7` (any of them) to action names, space-separated. */
  readonly services: { readonly [service: string]: { readonly [formats: string]: string } };
};

/** Loads `data/resource-types.json` for a catalog; once, at start. */
export function loadResourceTypes(catalog: ActionCatalog): ResourceTypes {
  return resourceTypesFromFile(readDataFile('resource-types.json') as ResourceTypesFile, catalog);
}

/** What each action of the catalog needs to be allowed on: nothing where AWS publishes no resource type. */
export function resourceTypesFromFile(file: ResourceTypesFile, catalog: ActionCatalog): ResourceTypes {
  const needs: (ResourceNeed | undefined)[] = new Array(catalog.names.length).fill(undefined);
  for (const [service, groups] of Object.entries(file.services)) {
    for (const [key, names] of Object.entries(groups)) {
      const any = key.startsWith('?');
      const formats = (any ? key.slice(1) : key).split(',').map(Number);
      const need = Object.freeze({ any, formats: Object.freeze(formats) });
      for (const name of names.split(' ')) {
        const id = catalog.idOf(`${service}:${name}`.toLowerCase());
        if (id !== undefined) needs[id] = need;
      }
    }
  }
  return { formats: file.formats, needOf: (actionId) => needs[actionId] };
}
