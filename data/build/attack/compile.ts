import { createHash } from 'node:crypto';
import { type Actions, dependentsOf } from '../../../src/knowledge/actions.ts';
import { ACCESS_LEVEL_NAMES } from '../../../src/knowledge/actions-file.ts';
import type {
  AttackFile,
  EventRow,
  TechniqueName,
  TechniqueRow,
  TechniquesFile,
} from '../../../src/knowledge/attack-file.ts';
import { resolveOperation } from '../../../src/knowledge/resolve-operation.ts';
import { assertNoProblems, isTier, problemsOf } from './check.ts';
import { type ClassRule, classifier, techniqueRowsOf } from './classes.ts';
import type { AttackSource, TechniqueSource } from './read-source.ts';

/** The contents of `data/attack.json`: reviewed operations, and class rules applied to every action. */
export function compileAttack(source: AttackSource, actions: Actions): AttackFile {
  const events = reviewedEvents(source, actions);
  const classify = classifier(source.classes);
  const used = new Map<string, ClassRule>();
  const content = {
    format: 1 as const,
    release: '19.1',
    version: source.allowed.version,
    events,
    actions: classifiedActions(actions, classify, used),
    operations: classifiedOperations(actions, classify, used),
  };
  const rules = [...used.values()].sort((a, b) => compare(a.id, b.id));
  const classes = Object.fromEntries(rules.map((rule) => [rule.id, techniqueRowsOf(rule)]));
  assertNoProblems(
    rules.flatMap((rule) =>
      techniqueRowsOf(rule).flatMap((row) => problemsOf(rule.id, row, source.techniques)),
    ),
  );
  const hash = createHash('sha256')
    .update(JSON.stringify([content, classes]))
    .digest('hex')
    .slice(0, 16);
  return {
    format: content.format,
    release: content.release,
    version: content.version,
    hash,
    classes,
    events: content.events,
    actions: content.actions,
    operations: content.operations,
  };
}

/** The contents of `data/techniques.json`: what the mapping uses, with parents, in both releases. */
export function compileTechniques(source: AttackSource, attack: AttackFile): TechniquesFile {
  const ids = new Set<string>();
  const rows = [
    ...Object.values(attack.events)
      .flatMap((byName) => Object.values(byName))
      .flatMap(({ techniques }) => techniques),
    ...Object.values(attack.classes).flat(),
  ];
  for (const { id } of rows) {
    ids.add(id);
    if (id.includes('.')) ids.add(id.slice(0, id.indexOf('.')));
  }
  const formerIds = formerIdsOf(source.techniques);
  const parents: Record<string, string> = {};
  const techniques: Record<string, TechniqueName> = {};
  for (const id of [...ids].sort(compare)) {
    const technique = source.techniques.get(id);
    if (technique === undefined) throw new Error(`${id} is no technique`);
    techniques[id] = nameOf(technique, formerIds);
    const former = formerIds.get(id)?.id;
    const parent = former?.includes('.')
      ? source.techniques.get(former.slice(0, former.indexOf('.')))
      : undefined;
    if (parent !== undefined) parents[parent.id] = parent.name;
  }
  return {
    format: 1,
    releases: source.releases as TechniquesFile['releases'],
    parents: { '18.1': parents },
    techniques,
  };
}

function reviewedEvents(source: AttackSource, actions: Actions): AttackFile['events'] {
  const problems: string[] = [];
  const events: Record<string, Record<string, EventRow>> = {};
  for (const [label, rows] of source.mapping) {
    const byName: Record<string, EventRow> = {};
    for (const [name, { access, techniques, final, why }] of Object.entries(rows)) {
      const where = `${label}:${name}`;
      if (!isTier(access)) problems.push(`${where}: access ${access}`);
      if (!isKnownOperation(actions, label, name) && source.allowed.events[where] === undefined)
        problems.push(`${where}: AWS lists no such operation, and allowed-events.json gives no reason`);
      if (why === undefined && access !== 'read' && (techniques ?? []).some(canReachThreat))
        problems.push(`${where}: can reach threat.* and does not say why`);
      if (techniques === undefined && final === undefined) continue;
      for (const row of techniques ?? []) problems.push(...problemsOf(where, row, source.techniques));
      byName[name] = { access, techniques: techniques ?? [] };
    }
    if (Object.keys(byName).length > 0) events[`${label}.amazonaws.com`] = byName;
  }
  for (const event of Object.keys(source.allowed.events)) {
    const [label = '', name = ''] = event.split(':');
    if (source.mapping.get(label)?.[name] === undefined)
      problems.push(`allowed-events.json: ${event} is not mapped`);
  }
  assertNoProblems(problems);
  return events;
}

/** True for a technique that some record can carry at medium confidence or more. */
function canReachThreat({ confidence, raise }: TechniqueRow): boolean {
  return [confidence, ...(raise ?? []).map(({ to }) => to)].some(
    (each) => each === 'medium' || each === 'high',
  );
}

function isKnownOperation(actions: Actions, label: string, name: string): boolean {
  const { resolvedBy } = resolveOperation(actions, `${label}.amazonaws.com`, name);
  return resolvedBy !== 'unknown' && resolvedBy !== 'none';
}

type Classify = ReturnType<typeof classifier>;

function classifiedActions(
  actions: Actions,
  classify: Classify,
  used: Map<string, ClassRule>,
): AttackFile['actions'] {
  const found: Record<string, Record<string, string[]>> = {};
  const { names, levels } = actions.catalog;
  names.forEach((action, id) => {
    const colon = action.indexOf(':');
    const prefix = action.slice(0, colon);
    const name = action.slice(colon + 1);
    const level = ACCESS_LEVEL_NAMES[levels[id] ?? 0] ?? 'List';
    const rule = classify({ prefix, name, level, dependents: dependentsOf(actions, action) });
    if (rule !== undefined) append(found, prefix, rule, name, used);
  });
  return joined(found);
}

/** Operations that are not named like their action are classified by their own name. */
function classifiedOperations(
  actions: Actions,
  classify: Classify,
  used: Map<string, ClassRule>,
): AttackFile['operations'] {
  const found: Record<string, Record<string, string[]>> = {};
  for (const table of [actions.tables.events, actions.tables.any]) {
    for (const [label, rows] of Object.entries(table)) {
      for (const name of Object.keys(rows)) {
        const operation = resolveOperation(actions, `${label}.amazonaws.com`, name);
        const { level, iam, conditional } = operation;
        const prefix = iam[0]?.slice(0, iam[0].indexOf(':')) ?? label;
        if (level === undefined) continue;
        const rule = classify({ prefix, name, level, dependents: conditional });
        if (rule !== undefined) append(found, label, rule, name, used);
      }
    }
  }
  return joined(found);
}

function append(
  found: Record<string, Record<string, string[]>>,
  key: string,
  rule: ClassRule,
  name: string,
  used: Map<string, ClassRule>,
): void {
  used.set(rule.id, rule);
  found[key] ??= {};
  const row = found[key];
  row[rule.id] ??= [];
  row[rule.id]?.push(name);
}

function joined(found: Record<string, Record<string, string[]>>): Record<string, Record<string, string>> {
  return Object.fromEntries(
    Object.entries(found)
      .sort(([a], [b]) => compare(a, b))
      .map(([key, rows]) => [
        key,
        Object.fromEntries(
          Object.entries(rows)
            .sort(([a], [b]) => compare(a, b))
            .map(([id, list]) => [id, [...new Set(list)].sort(compare).join(' ')]),
        ),
      ]),
  );
}

function nameOf(technique: TechniqueSource, formerIds: ReadonlyMap<string, TechniqueSource>): TechniqueName {
  const former = formerIds.get(technique.id);
  const v18 = {
    ...(former === undefined ? {} : { id: former.id }),
    ...nameIn18(technique, former),
    ...tacticsIn18(technique, former),
  };
  return {
    name: technique.name,
    tactics: technique.tactics,
    ...(Object.keys(v18).length === 0 ? {} : { v18 }),
  };
}

function nameIn18(technique: TechniqueSource, former: TechniqueSource | undefined): { name?: string } {
  const name = former?.name ?? technique.name_18;
  return name === undefined || name === technique.name ? {} : { name };
}

function tacticsIn18(
  technique: TechniqueSource,
  former: TechniqueSource | undefined,
): { tactics?: readonly string[] } {
  const tactics = former?.tactics_18 ?? technique.tactics_18;
  return tactics === undefined ? {} : { tactics };
}

/** Per new technique of release 19 the one it replaced: of several the one of the same name, else the first. */
function formerIdsOf(techniques: ReadonlyMap<string, TechniqueSource>): Map<string, TechniqueSource> {
  const former = new Map<string, TechniqueSource>();
  for (const technique of techniques.values()) {
    const { revoked_by: successor, revoked_in_19: isRecent } = technique;
    if (successor === undefined || isRecent !== true) continue;
    if (!former.has(successor) || techniques.get(successor)?.name === technique.name)
      former.set(successor, technique);
  }
  return former;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
