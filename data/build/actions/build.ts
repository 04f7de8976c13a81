import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ActionsFile } from '../../../src/knowledge/actions-file.ts';
import { compileActions } from './compile.ts';
import { readExceptions } from './exceptions.ts';
import { readIamData } from './iam-data.ts';
import { formatTables, readSnapshot, type Snapshot } from './snapshot.ts';
import { type SourceActions, splitAction } from './source-action.ts';

/** `data/actions.json` as it stands in the repository, or undefined when it was never built. */
export function readCommittedActions(root: string): ActionsFile | undefined {
  const path = join(root, 'data', 'actions.json');
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as ActionsFile) : undefined;
}

/** Where `npm run data:refresh` keeps its snapshot. */
export function snapshotPath(root: string): string {
  return join(root, 'data', 'build', 'actions', 'service-reference.json');
}

/** The text of `data/actions.json`, from the pinned packages, the snapshot if any, and our exceptions. */
export function buildActions(root: string): { file: ActionsFile; text: string } {
  const current = readIamData(join(root, 'node_modules', '@cloud-copilot', 'iam-data'));
  const older = readIamData(join(root, 'node_modules', 'iam-data-deps'));
  const snapshot = readSnapshot(snapshotPath(root));
  const { exceptions, source } = readExceptions(join(root, 'data', 'build', 'actions', 'exceptions.json'));
  const file = compileActions({
    sources: [...(snapshot === undefined ? [] : [snapshot.source]), current.source, older.source, source],
    current: preferSnapshot(snapshot, current.actions),
    older: new Map([...older.actions, ...current.actions]),
    dependents: older.dependents,
    exceptions,
    operations: snapshot?.operations ?? new Map(),
    committed: readCommittedActions(root),
  });
  return { file, text: formatTables(file) };
}

/** A service that AWS's own snapshot knows is as it says; the package speaks for the others. */
export function preferSnapshot(snapshot: Snapshot | undefined, packaged: SourceActions): SourceActions {
  if (snapshot === undefined) return packaged;
  const services = new Set([...snapshot.actions.keys()].map((action) => splitAction(action)[0]));
  const others = [...packaged].filter(([action]) => !services.has(splitAction(action)[0]));
  return new Map([...snapshot.actions, ...others]);
}
