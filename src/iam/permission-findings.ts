import { ActionSet } from './action-set.ts';
import type { Finding, FindingType, PolicyKnowledge } from './analysis.ts';
import type { ActionCatalog } from './catalog.ts';
import { indexOfCatalog, type ServiceRange } from './catalog-index.ts';
import { findEscalations } from './escalation.ts';
import type { EvaluatedPermissions } from './evaluate-permissions.ts';
import { holdsService, labelsMeeting, makeFinding } from './finding-builder.ts';
import { CATEGORY_TYPES, indexOfKnowledge } from './knowledge-index.ts';
import { NOTES, REASONS } from './reasons.ts';
import {
  evasiveActions,
  passTargets,
  type StatementGrants,
  type Workshop,
  wildcardServices,
} from './statement-grants.ts';

/** An administrator may lack this share of all actions and is one all the same. */
const ADMIN_MAY_LACK = 0.01;

/** Everything that is risky about the permissions of an identity policy. */
export function permissionFindings(evaluated: EvaluatedPermissions, workshop: Workshop): Finding[] {
  const { knowledge } = workshop;
  return [
    ...adminFindings(evaluated, knowledge),
    ...findEscalations(evaluated, workshop),
    ...categoryFindings(evaluated, knowledge),
    ...serviceWildcardFindings(evaluated, knowledge),
    ...evasionFindings(evaluated.allows, evaluated, workshop),
    ...formFindings(
      evaluated,
      knowledge,
      'UnboundedNotAction',
      (one) => one.statement.isNotAction && one.coversAll,
    ),
    ...formFindings(evaluated, knowledge, 'UnboundedNotResource', (one) => one.statement.isNotResource),
    ...passRoleFindings(evaluated, knowledge),
  ];
}

/**
 * True when the set allows all there is: every current action of IAM, and of the rest all but a hundredth.
 * One harmless action left out, or a Deny for it, makes nobody less of an administrator.
 */
export function isAdministrator(set: ActionSet, knowledge: PolicyKnowledge): boolean {
  const { catalog, identity } = indexOfKnowledge(knowledge);
  if (!identity.isWithin(set)) return false;
  const missing = catalog.current.difference(set).size;
  return missing <= catalog.current.size * ADMIN_MAY_LACK && missing < catalog.current.size;
}

function adminFindings(evaluated: EvaluatedPermissions, knowledge: PolicyKnowledge): Finding[] {
  const isDirect = isAdministrator(evaluated.direct, knowledge);
  const either = isDirect ? evaluated.direct : evaluated.direct.union(evaluated.conditional);
  if (!isDirect && !isAdministrator(either, knowledge)) return [];
  const { current } = indexOfCatalog(knowledge.catalog);
  const wanted = current.intersection(either);
  const sources = evaluated.allows.filter((one) => isDirect === false || !one.isConditional);
  return [
    makeFinding(
      {
        type: 'Admin',
        certainty: isDirect ? 'direct' : 'conditional',
        actions: ['*'],
        statements: labelsMeeting(sources.map(wideOf), wanted),
        reason: isDirect ? REASONS.Admin : REASONS.Admin + NOTES.condition,
      },
      knowledge.catalog,
    ),
  ];
}

/** One finding per category and certainty: the same sets can be told from the grants alone, see `pack-analysis`. */
function categoryFindings(evaluated: EvaluatedPermissions, knowledge: PolicyKnowledge): Finding[] {
  const { categories } = indexOfKnowledge(knowledge);
  const findings: Finding[] = [];
  for (const type of CATEGORY_TYPES) {
    for (const certainty of ['direct', 'conditional'] as const) {
      const actions = categories[type].intersection(evaluated[certainty]);
      if (actions.isEmpty) continue;
      const sources = evaluated.allows.filter((one) => one.isConditional === (certainty === 'conditional'));
      findings.push(
        makeFinding(
          {
            type,
            certainty,
            actions,
            statements: labelsMeeting(sources.map(wideOf), actions),
            reason: REASONS[type] + (certainty === 'conditional' ? NOTES.condition : ''),
          },
          knowledge.catalog,
        ),
      );
    }
  }
  return findings;
}

function serviceWildcardFindings(evaluated: EvaluatedPermissions, knowledge: PolicyKnowledge): Finding[] {
  const index = indexOfCatalog(knowledge.catalog);
  const found = { direct: new Set<string>(), conditional: new Set<string>() };
  const labels = { direct: [] as string[], conditional: [] as string[] };
  const remaining = evaluated.direct.union(evaluated.conditional);
  for (const one of evaluated.allows) {
    const certainty = one.isConditional ? 'conditional' : 'direct';
    const named = wildcardServices(one.statement);
    let contributes = false;
    for (const { name, first, end } of named === 'all'
      ? index.services
      : rangesOf(named, knowledge.catalog)) {
      if (!remaining.meetsRange(first, end)) continue;
      if (!found[certainty].has(name) && !holdsService(one.wide, knowledge.catalog, first, end)) continue;
      found[certainty].add(name);
      contributes = true;
    }
    if (contributes) labels[certainty].push(one.statement.label);
  }
  for (const name of found.direct) found.conditional.delete(name);
  return (['direct', 'conditional'] as const)
    .filter((certainty) => found[certainty].size > 0)
    .map((certainty) =>
      makeFinding(
        {
          type: 'ServiceWildcard',
          certainty,
          actions: [...found[certainty]].sort().map((name) => `${name}:*`),
          statements: labels[certainty],
          reason: REASONS.ServiceWildcard + (certainty === 'conditional' ? NOTES.condition : ''),
        },
        knowledge.catalog,
      ),
    );
}

function rangesOf(names: ReadonlySet<string>, catalog: ActionCatalog): ServiceRange[] {
  const ranges: ServiceRange[] = [];
  for (const name of names) {
    const range = catalog.services.get(name);
    if (range !== undefined) ranges.push({ name, first: range[0], end: range[1] });
  }
  return ranges;
}

/** Patterns that hide what they allow; conditional when all they allow is limited somehow. */
export function evasionFindings(
  allows: readonly StatementGrants[],
  evaluated: Pick<EvaluatedPermissions, 'direct' | 'conditional' | 'scoped'>,
  workshop: Workshop,
): Finding[] {
  const reach = evaluated.direct.union(evaluated.conditional).union(evaluated.scoped);
  let actions: ActionSet | undefined;
  const statements: string[] = [];
  for (const { statement } of allows) {
    if (workshop.budget.isExhausted) break;
    const evasive = evasiveActions(statement, workshop)?.intersection(reach);
    if (evasive === undefined || evasive.isEmpty) continue;
    actions = actions?.union(evasive) ?? evasive;
    statements.push(statement.label);
  }
  if (actions === undefined) return [];
  const isDirect = actions.meets(evaluated.direct);
  return [
    makeFinding(
      {
        type: 'PatternEvasion',
        certainty: isDirect ? 'direct' : 'conditional',
        actions,
        statements,
        reason: isDirect ? REASONS.PatternEvasion : REASONS.PatternEvasion + NOTES.scoped,
      },
      workshop.knowledge.catalog,
    ),
  ];
}

/** A statement of a form that has no bound; its sensitive actions stand for the thousands it allows. */
function formFindings(
  evaluated: EvaluatedPermissions,
  knowledge: PolicyKnowledge,
  type: FindingType,
  isOfForm: (grants: StatementGrants) => boolean,
): Finding[] {
  const { sensitive } = indexOfKnowledge(knowledge);
  const findings: Finding[] = [];
  const remaining = evaluated.direct.union(evaluated.conditional);
  for (const certainty of ['direct', 'conditional'] as const) {
    const sources = evaluated.allows.filter(
      (one) =>
        one.isConditional === (certainty === 'conditional') && isOfForm(one) && one.wide.meets(remaining),
    );
    if (sources.length === 0) continue;
    const wide = ActionSet.empty(indexOfCatalog(knowledge.catalog).size);
    for (const source of sources) wide.addAll(source.wide);
    findings.push(
      makeFinding(
        {
          type,
          certainty,
          actions: wide.intersection(remaining).intersection(sensitive),
          statements: sources.map((one) => one.statement.label),
          reason: REASONS[type] + (certainty === 'conditional' ? NOTES.condition : ''),
        },
        knowledge.catalog,
      ),
    );
  }
  return findings;
}

function passRoleFindings(evaluated: EvaluatedPermissions, knowledge: PolicyKnowledge): Finding[] {
  const { passRole } = indexOfKnowledge(knowledge);
  if (passRole === undefined) return [];
  const certainty = evaluated.direct.has(passRole) ? 'direct' : 'conditional';
  if (!evaluated[certainty].has(passRole)) return [];
  const sources = evaluated.allows.filter(
    (one) =>
      one.wide.has(passRole) &&
      one.isConditional === (certainty === 'conditional') &&
      passTargets(one.statement) === undefined,
  );
  if (sources.length === 0) return [];
  return [
    makeFinding(
      {
        type: 'UnboundedPassRole',
        certainty,
        actions: [knowledge.catalog.names[passRole] ?? ''],
        statements: sources.map((one) => one.statement.label),
        reason: REASONS.UnboundedPassRole + (certainty === 'conditional' ? NOTES.condition : ''),
      },
      knowledge.catalog,
    ),
  ];
}

function wideOf(grants: StatementGrants): { label: string; set: ActionSet } {
  return { label: grants.statement.label, set: grants.wide };
}
