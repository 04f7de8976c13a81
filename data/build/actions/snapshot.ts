import { createHash } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { ActionsFile, EventTable, SourceRow } from '../../../src/knowledge/actions-file.ts';
import { nestTable } from './compile-events.ts';
import type { ServiceReference } from './service-reference.ts';
import { packServices, unpackServices } from './source-action.ts';

/** `service-reference.json`: what `npm run data:refresh` brought, pinned in the repository. */
type SnapshotFile = {
  readonly about: { readonly source: string; readonly retrieved: string };
  readonly services: ActionsFile['services'];
  readonly operations: EventTable;
};

/** A snapshot that was read back. */
export type Snapshot = ServiceReference & { readonly source: SourceRow };

/** Writes a snapshot, whole or not at all. `retrieved` is an ISO 8601 day. */
export function writeSnapshot(
  path: string,
  source: string,
  retrieved: string,
  reference: ServiceReference,
): void {
  const file: SnapshotFile = {
    about: { source, retrieved },
    services: packServices(reference.actions),
    operations: nestTable(
      new Map([...reference.operations].map(([key, actions]) => [key, actions.join(' ')])),
    ),
  };
  const partial = `${path}.partial`;
  writeFileSync(partial, formatTables(file));
  renameSync(partial, path);
}

/** Reads a snapshot, or undefined when none was ever taken. */
export function readSnapshot(path: string): Snapshot | undefined {
  if (!existsSync(path)) return undefined;
  const text = readFileSync(path, 'utf8');
  const file = JSON.parse(text) as SnapshotFile;
  const operations = new Map<string, readonly string[]>();
  for (const [service, rows] of Object.entries(file.operations)) {
    for (const [name, actions] of Object.entries(rows))
      operations.set(`${service}:${name}`, actions.split(' '));
  }
  const { retrieved } = file.about;
  const sha256 = createHash('sha256').update(text).digest('hex');
  return {
    source: { name: 'AWS Service Reference', version: retrieved, date: retrieved, sha256 },
    actions: unpackServices(file.services),
    operations,
  };
}

/** JSON with one line per member of each table, so that a change reads well in a diff. */
export function formatTables(content: object): string {
  const members = Object.entries(content).map(([key, value]: [string, unknown]) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      return `${JSON.stringify(key)}:${JSON.stringify(value)}`;
    }
    const lines = Object.entries(value).map(
      ([name, row]) => `${JSON.stringify(name)}:${JSON.stringify(row)}`,
    );
    return `${JSON.stringify(key)}:{\n${lines.join(',\n')}\n}`;
  });
  return `{${members.join(',\n')}}\n`;
}
