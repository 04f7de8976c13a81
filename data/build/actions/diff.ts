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
  const isListed = (action: string): boolean => after.get(action)?.retired === false;
  const listed = [...after.keys()].filter(isListed);
  const changed: string[] = [];
  for (const action of listed.filter(wasListed)) {
    const [old, now] = [before.get(action)?.level, after.get(action)?.level];
    if (old !== now) changed.push(`${action}: ${old} -> ${now}`);
  }
  return {
    added: listed.filter((action) => !wasListed(action)).sort(),
    removed: [...before.keys()].filter((action) => wasListed(action) && !isListed(action)).sort(),
    changed: changed.sort(),
  };
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
