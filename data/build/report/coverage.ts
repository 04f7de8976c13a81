import { readFileSync } from 'node:fs';
import type { Actions } from '../../../src/knowledge/actions.ts';
import { ACCESS_LEVEL_NAMES } from '../../../src/knowledge/actions-file.ts';
import { type AttackKnowledge, attackEntryOf } from '../../../src/knowledge/attack.ts';
import { CONFIDENCES } from '../../../src/knowledge/attack-file.ts';
import { resolveOperation } from '../../../src/knowledge/resolve-operation.ts';
import { readAttackSource } from '../attack/read-source.ts';
import { share, shared } from './corpora.ts';

/** What the mapping reaches, in lines to print. */
export function coverageLines(actions: Actions, attack: AttackKnowledge): string[] {
  return [
    'events mapped (reviewed)',
    ...mappedLines(attack),
    '',
    'actions of data/actions.json reached: reviewed events and class rules together, of which class rules only',
    ...actionLines(actions, attack),
    '',
    'names of gaps.json that no public source maps, reached here',
    ...gapLines(actions, attack),
    '',
    `technique ids outside the release: ${idsOutside(attack)}`,
  ];
}

function mappedLines(attack: AttackKnowledge): string[] {
  const best = new Map<string, number>();
  let total = 0;
  for (const byName of attack.events.values()) {
    for (const { classId, techniques } of byName.values()) {
      if (classId !== undefined || techniques.length === 0) continue;
      total += 1;
      const highest = Math.max(
        ...techniques.map(({ confidence, raise }) => Math.max(confidence, ...raise.map(({ to }) => to))),
      );
      const name = CONFIDENCES[highest] ?? 'derived';
      best.set(name, (best.get(name) ?? 0) + 1);
    }
  }
  const counts = [...CONFIDENCES].reverse().map((name) => `${name} ${best.get(name) ?? 0}`);
  return [`  ${total}, by the highest confidence a record can reach: ${counts.join(', ')}`];
}

/** Actions of one level, or of all that write; how many the mapping reaches, how many by class rules alone. */
export type Reach = { readonly all: number; readonly reached: number; readonly derived: number };

/** Levels that a share is counted for; the last is all three together. */
export const REACH_KINDS = ['Write', 'Permissions management', 'Tagging', 'write-like together'] as const;

/** An action is reached when a reviewed event is authorized by it, or a class rule names it. */
export function reachOf(
  kind: (typeof REACH_KINDS)[number],
  actions: Actions,
  attack: AttackKnowledge,
): Reach {
  const reviewed = reviewedActions(actions, attack);
  let all = 0;
  let reached = 0;
  let derived = 0;
  actions.catalog.names.forEach((name, id) => {
    const level = ACCESS_LEVEL_NAMES[actions.catalog.levels[id] ?? 0] ?? 'List';
    const isWanted = kind === 'write-like together' ? level !== 'List' && level !== 'Read' : level === kind;
    if (!isWanted) return;
    all += 1;
    if (reviewed.has(name)) reached += 1;
    else if (attack.actions.has(name)) {
      reached += 1;
      derived += 1;
    }
  });
  return { all, reached, derived };
}

function actionLines(actions: Actions, attack: AttackKnowledge): string[] {
  return REACH_KINDS.map((kind) => {
    const { all, reached, derived } = reachOf(kind, actions, attack);
    return `  ${kind}: ${share(reached, all)}, ${derived} of them derived`;
  });
}

function reviewedActions(actions: Actions, attack: AttackKnowledge): Set<string> {
  const reviewed = new Set<string>();
  for (const [source, byName] of attack.events) {
    for (const [name, { classId, techniques }] of byName) {
      if (classId !== undefined || techniques.length === 0) continue;
      for (const action of resolveOperation(actions, source, name).iam) reviewed.add(action);
    }
  }
  return reviewed;
}

function gapLines(actions: Actions, attack: AttackKnowledge): string[] {
  const gaps = missedGaps(actions, attack);
  if (gaps === undefined) return ['  (../shared is not here)'];
  return Object.entries(gaps).map(([name, { all, missed }]) => {
    const list =
      missed.length === 0 || missed.length > 20 ? '' : `; not: ${missed.map(shortName).join(', ')}`;
    return `  ${name}: ${share(all - missed.length, all)}${list}`;
  });
}

/** Per list of gaps.json: how many names it has, and which the mapping does not reach. */
export function missedGaps(
  actions: Actions,
  attack: AttackKnowledge,
): { readonly [list: string]: { readonly all: number; readonly missed: readonly string[] } } | undefined {
  const path = shared('reference/attack/gaps.json');
  if (path === undefined) return undefined;
  const gaps = JSON.parse(readFileSync(path, 'utf8')) as { [name: string]: string[] };
  return Object.fromEntries(
    Object.entries(gaps).map(([list, events]) => {
      const missed = events.filter((event) => !isReached(event, actions, attack));
      return [list, { all: events.length, missed }];
    }),
  );
}

function isReached(event: string, actions: Actions, attack: AttackKnowledge): boolean {
  const colon = event.indexOf(':');
  const { iam, source, name } = resolveOperation(actions, event.slice(0, colon), event.slice(colon + 1));
  const entry = attackEntryOf(attack, source, name, iam);
  return entry !== undefined && entry.techniques.length > 0;
}

function shortName(event: string): string {
  return event.replace('.amazonaws.com', '');
}

/** How many technique ids of the mapping are not active in the newest release. */
export function idsOutside(attack: AttackKnowledge): number {
  const { techniques } = readAttackSource('data/build/attack');
  const entries = [
    ...attack.actions.values(),
    ...[...attack.events.values()].flatMap((byName) => [...byName.values()]),
  ];
  const ids = new Set(entries.flatMap((entry) => entry.techniques.map(({ facts }) => facts.id)));
  return [...ids].filter((id) => techniques.get(id)?.status !== 'active').length;
}
