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

/** IAM actions that a reviewed event is authorized by, and all that a class rule names. */
function actionLines(actions: Actions, attack: AttackKnowledge): string[] {
  const reviewed = reviewedActions(actions, attack);
  return ['Write', 'Permissions management', 'Tagging', 'write-like together'].map((wanted) => {
    let all = 0;
    let reached = 0;
    let derived = 0;
    actions.catalog.names.forEach((name, id) => {
      const level = ACCESS_LEVEL_NAMES[actions.catalog.levels[id] ?? 0] ?? 'List';
      const isWanted =
        wanted === level || (wanted === 'write-like together' && level !== 'List' && level !== 'Read');
      if (!isWanted) return;
      all += 1;
      const isReviewed = reviewed.has(name);
      if (isReviewed || attack.actions.has(name)) reached += 1;
      if (!isReviewed && attack.actions.has(name)) derived += 1;
    });
    return `  ${wanted}: ${share(reached, all)}, ${derived} of them derived`;
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
  const path = shared('reference/attack/gaps.json');
  if (path === undefined) return ['  (../shared is not here)'];
  const gaps = JSON.parse(readFileSync(path, 'utf8')) as { [name: string]: string[] };
  return Object.entries(gaps).map(([name, events]) => {
    const missed = events.filter((event) => {
      const colon = event.indexOf(':');
      const {
        iam,
        source,
        name: operation,
      } = resolveOperation(actions, event.slice(0, colon), event.slice(colon + 1));
      const entry = attackEntryOf(attack, source, operation, iam);
      return entry === undefined || entry.techniques.length === 0;
    });
    const list =
      missed.length === 0 || missed.length > 20 ? '' : `; not: ${missed.map(shortName).join(', ')}`;
    return `  ${name}: ${share(events.length - missed.length, events.length)}${list}`;
  });
}

function shortName(event: string): string {
  return event.replace('.amazonaws.com', '');
}

function idsOutside(attack: AttackKnowledge): number {
  const { techniques } = readAttackSource('data/build/attack');
  const entries = [
    ...attack.actions.values(),
    ...[...attack.events.values()].flatMap((byName) => [...byName.values()]),
  ];
  const ids = new Set(entries.flatMap((entry) => entry.techniques.map(({ facts }) => facts.id)));
  return [...ids].filter((id) => techniques.get(id)?.status !== 'active').length;
}
