import type { EscalationPath } from '../iam/analysis.ts';
import type { ActionCatalog } from '../iam/catalog.ts';
import { readDataFile } from './data-file.ts';

/** `data/privilege-escalation.json`. */
export type EscalationFile = {
  readonly about: string;
  readonly paths: readonly {
    readonly id: string;
    readonly title: string;
    readonly actions: readonly string[];
    readonly conditional: boolean;
    readonly passed_to?: string;
    readonly reference?: string;
    /** Name of the same path in Cloudsplaining. */
    readonly cloudsplaining?: string;
  }[];
};

/** Loads `data/privilege-escalation.json` for a catalog; once, at start. */
export function loadEscalationPaths(catalog: ActionCatalog): readonly EscalationPath[] {
  return escalationPathsFromFile(readDataFile('privilege-escalation.json') as EscalationFile, catalog);
}

/**
 * The paths whose actions the catalog all knows, ascending by id. A path with an action it does not know
 * cannot be decided and is left out; a test keeps that from happening to the committed data.
 */
export function escalationPathsFromFile(
  file: EscalationFile,
  catalog: ActionCatalog,
): readonly EscalationPath[] {
  const paths: EscalationPath[] = [];
  for (const row of file.paths) {
    const actions = row.actions.map((name) => catalog.idOf(name.toLowerCase()));
    if (!actions.every((id) => id !== undefined)) continue;
    paths.push(
      Object.freeze({
        id: row.id,
        title: row.title,
        actions: Object.freeze(actions.sort((a, b) => a - b)),
        conditional: row.conditional,
        ...(row.passed_to !== undefined && { passedTo: row.passed_to }),
        ...(row.reference !== undefined && { reference: row.reference }),
      }),
    );
  }
  return Object.freeze(paths.sort((a, b) => (a.id < b.id ? -1 : 1)));
}
