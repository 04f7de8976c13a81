import type { FactKind, Facts } from './facts.ts';

/** How one edition differs from the one before. */
export type FactsDiff = {
  readonly before: number;
  readonly after: number;
  readonly added: readonly (readonly [id: string, text: string])[];
  readonly removed: readonly (readonly [id: string, text: string])[];
  readonly changed: readonly (readonly [id: string, before: string, after: string])[];
};

/** Compares two editions of one kind of facts. */
export function compareFacts(before: Facts, after: Facts): FactsDiff {
  const [added, removed, changed]: [[string, string][], [string, string][], [string, string, string][]] = [
    [],
    [],
    [],
  ];
  for (const [id, text] of after) {
    const old = before.get(id);
    if (old === undefined) added.push([id, text]);
    else if (old !== text) changed.push([id, old, text]);
  }
  for (const [id, text] of before) if (!after.has(id)) removed.push([id, text]);
  return {
    before: before.size,
    after: after.size,
    added: added.sort(byId),
    removed: removed.sort(byId),
    changed: changed.sort(byId),
  };
}

/** Why a refresh must not land without a look: more is gone or different than a real change brings. */
export function guardFaults(kind: FactKind, diff: FactsDiff): readonly string[] {
  const faults: string[] = [];
  const check = (what: string, count: number, share: number): void => {
    const most = Math.floor(diff.before * share);
    if (count > most)
      faults.push(`${kind.title}: ${count} of ${diff.before} ${what}, at most ${most} may be`);
  };
  check('removed', diff.removed.length, kind.mostRemoved);
  check('changed', diff.changed.length, kind.mostChanged);
  return faults;
}

function byId([a]: readonly [string, ...string[]], [b]: readonly [string, ...string[]]): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
