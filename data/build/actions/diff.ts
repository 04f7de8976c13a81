import type { SourceActions } from './source-action.ts';

/** How one list of actions differs from another. */
export type ActionsDiff = {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  /** `service:Action: Read -> Write`. */
  readonly changed: readonly string[];
};

/** Compares what is listed now with what was; retired actions count as not listed. */
export function diffActions(before: SourceActions, after: SourceActions): ActionsDiff {
  const wasListed = (action: string): boolean => before.get(action)?.retired === false;
  const added = [...after.keys()].filter((action) => !wasListed(action));
  const removed = [...before.keys()].filter((action) => wasListed(action) && !after.has(action));
  const changed: string[] = [];
  for (const [action, row] of after) {
    const level = before.get(action)?.level;
    if (wasListed(action) && level !== row.level) changed.push(`${action}: ${level} -> ${row.level}`);
  }
  return { added: added.sort(), removed: removed.sort(), changed: changed.sort() };
}

/** The difference as text, a section per kind. */
export function formatDiff(diff: ActionsDiff): string {
  const section = (title: string, lines: readonly string[]): string =>
    [`${title}: ${lines.length}`, ...lines.map((line) => `  ${line}`)].join('\n');
  return [
    section('added', diff.added),
    section('removed', diff.removed),
    section('level changed', diff.changed),
  ].join('\n');
}
