import { ActionSet } from './action-set.ts';
import { decodeSet, encodeSet } from './action-set-codec.ts';
import {
  FINDING_TYPES,
  type Finding,
  type FindingType,
  type PolicyKnowledge,
  SEVERITIES,
} from './analysis.ts';
import { makeFinding } from './finding-builder.ts';
import { CATEGORY_TYPES, type CategoryType, indexOfKnowledge } from './knowledge-index.ts';
import { decodeReason, encodeReason } from './reason-codec.ts';

/** Sets the actions of category findings are cut out of. */
export type FindingSources = { readonly direct: ActionSet; readonly conditional: ActionSet };

/** Type, severity, 1 for conditional, statements, reason, actions. See {@link packFindings}. */
type PackedFinding = readonly [number, number, 0 | 1, readonly number[], string, string];

export type PackedFindings = { readonly labels: readonly string[]; readonly rows: readonly PackedFinding[] };

/**
 * Findings in short: statement labels by number, reasons by code, escalation paths that share all else as
 * one set of path numbers, and actions as the shortest of: `d` or `c` (the category's part of the direct or
 * conditional grants), `p…` (paths), `s…` (whole services), `a…` (a set of actions), `=…` (as they are).
 */
export function packFindings(
  findings: readonly Finding[],
  sources: FindingSources,
  knowledge: PolicyKnowledge,
): PackedFindings {
  const labels = [...new Set(findings.flatMap((finding) => finding.statements))];
  const numbers = new Map(labels.map((label, number) => [label, number]));
  const rows: PackedFinding[] = [];
  const paths = new Map<string, { row: PackedFinding; set: ActionSet }>();
  const pathNumbers = new Map(knowledge.escalationPaths.map((path, number) => [path.id, number]));
  for (const finding of findings) {
    const row = (actions: string): PackedFinding => [
      FINDING_TYPES.indexOf(finding.type),
      SEVERITIES.indexOf(finding.severity),
      finding.certainty === 'conditional' ? 1 : 0,
      finding.statements.map((label) => numbers.get(label) ?? 0),
      encodeReason(finding.reason),
      actions,
    ];
    const path = finding.path === undefined ? undefined : pathNumbers.get(finding.path);
    if (path === undefined) {
      rows.push(row(packActions(finding, sources, knowledge)));
      continue;
    }
    const shared = JSON.stringify(row(''));
    const group = paths.get(shared) ?? { row: row(''), set: ActionSet.empty(pathNumbers.size) };
    group.set.add(path);
    paths.set(shared, group);
  }
  for (const { row, set } of paths.values()) {
    rows.push([row[0], row[1], row[2], row[3], row[4], `p${encodeSet(set, pathNumbers.size)}`]);
  }
  return { labels, rows };
}

/** The findings behind {@link packFindings}, in no particular order; undefined when something is amiss. */
export function unpackFindings(
  packed: PackedFindings,
  sources: FindingSources,
  knowledge: PolicyKnowledge,
): Finding[] | undefined {
  const findings: Finding[] = [];
  for (const [
    typeNumber,
    severityNumber,
    conditional,
    statementNumbers,
    reasonCode,
    actions,
  ] of packed.rows) {
    const type = FINDING_TYPES[typeNumber];
    const severity = SEVERITIES[severityNumber];
    const reason = decodeReason(reasonCode);
    if (type === undefined || severity === undefined || reason === undefined) return undefined;
    const statements = statementNumbers.map((number) => packed.labels[number] ?? '');
    const parts = {
      type,
      severity,
      reason,
      statements,
      certainty: conditional === 1 ? 'conditional' : 'direct',
    } as const;
    if (actions.startsWith('p')) {
      const paths = decodeSet(actions.slice(1), knowledge.escalationPaths.length);
      if (paths === undefined) return undefined;
      for (const number of paths.ids()) {
        const path = knowledge.escalationPaths[number];
        const names = path?.actions.map((id) => knowledge.catalog.names[id] ?? '') ?? [];
        findings.push(makeFinding({ ...parts, actions: names, path: path?.id ?? '' }, knowledge.catalog));
      }
      continue;
    }
    const unpacked = unpackActions(actions, type, sources, knowledge);
    if (unpacked === undefined) return undefined;
    findings.push(makeFinding({ ...parts, actions: unpacked }, knowledge.catalog));
  }
  return findings;
}

function packActions(finding: Finding, sources: FindingSources, knowledge: PolicyKnowledge): string {
  const { size, services } = indexOfKnowledge(knowledge).catalog;
  if (finding.type === 'ServiceWildcard') {
    const set = ActionSet.empty(services.length);
    services.forEach(({ name }, number) => {
      if (finding.actions.includes(`${name}:*`)) set.add(number);
    });
    return `s${encodeSet(set, services.length)}`;
  }
  const set = ActionSet.empty(size);
  for (const action of finding.actions) {
    const id = knowledge.catalog.idOf(action.toLowerCase());
    if (id === undefined) return `=${JSON.stringify(finding.actions)}`;
    set.add(id);
  }
  for (const source of ['d', 'c'] as const) {
    if (isEqual(categoryPart(finding.type, source, sources, knowledge), set)) return source;
  }
  return `a${encodeSet(set, size)}`;
}

function unpackActions(
  text: string,
  type: FindingType,
  sources: FindingSources,
  knowledge: PolicyKnowledge,
): ActionSet | readonly string[] | undefined {
  const { size, services } = indexOfKnowledge(knowledge).catalog;
  const body = text.slice(1);
  switch (text[0]) {
    case 'd':
    case 'c':
      return categoryPart(type, text === 'd' ? 'd' : 'c', sources, knowledge);
    case 'a':
      return decodeSet(body, size);
    case 's':
      return decodeSet(body, services.length)
        ?.ids()
        .map((number) => `${services[number]?.name ?? ''}:*`);
    case '=':
      return (JSON.parse(body) as unknown[]).map(String);
    default:
      return undefined;
  }
}

function categoryPart(
  type: FindingType,
  source: 'd' | 'c',
  sources: FindingSources,
  knowledge: PolicyKnowledge,
): ActionSet | undefined {
  if (!isCategory(type)) return undefined;
  const { categories } = indexOfKnowledge(knowledge);
  return categories[type].intersection(source === 'd' ? sources.direct : sources.conditional);
}

function isCategory(type: FindingType): type is CategoryType {
  return (CATEGORY_TYPES as readonly string[]).includes(type);
}

function isEqual(a: ActionSet | undefined, b: ActionSet): boolean {
  return a?.isWithin(b) === true && b.isWithin(a);
}
