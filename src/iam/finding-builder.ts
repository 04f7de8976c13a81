import { ActionSet } from './action-set.ts';
import { FINDING_TYPES, type Finding, type FindingType, type Severity } from './analysis.ts';
import type { ActionCatalog } from './catalog.ts';
import { indexOfCatalog } from './catalog-index.ts';
import { REASONS } from './reasons.ts';
import { SEVERITY_OF } from './severities.ts';

/** What a finding is made of. */
export type FindingParts = {
  readonly type: FindingType;
  readonly certainty: Finding['certainty'];
  readonly actions?: ActionSet | readonly string[];
  /** Labels of statements; doubles are dropped. */
  readonly statements: readonly string[];
  readonly path?: string;
  readonly severity?: Severity;
  readonly reason?: string;
};

/** Makes one deep-frozen finding. */
export function makeFinding(parts: FindingParts, catalog: ActionCatalog): Finding {
  const { type, certainty } = parts;
  const actions = namesOf(parts.actions ?? [], catalog);
  return Object.freeze({
    type,
    severity: parts.severity ?? SEVERITY_OF[type][certainty],
    certainty,
    ...(parts.path !== undefined && { path: parts.path }),
    actions: Object.freeze(actions),
    services: Object.freeze(servicesOf(actions)),
    statements: Object.freeze([...new Set(parts.statements)]),
    reason: parts.reason ?? REASONS[type],
  });
}

/** Findings in their fixed order: type, direct before conditional, path, statements. */
export function sortFindings(findings: Finding[]): readonly Finding[] {
  return Object.freeze(findings.sort(compareFindings));
}

/** AWS's spelling of the actions of a set, ascending by id. */
export function namesOf(actions: ActionSet | readonly string[], catalog: ActionCatalog): string[] {
  if (!(actions instanceof ActionSet)) return [...actions];
  return actions.ids().map((id) => catalog.names[id] ?? '');
}

/** Labels of the statements among `candidates` whose set meets `actions`. */
export function labelsMeeting(
  candidates: readonly { readonly label: string; readonly set: ActionSet }[],
  actions: ActionSet,
): string[] {
  return candidates.filter(({ set }) => set.meets(actions)).map(({ label }) => label);
}

/** True when the set holds every current action of the service. */
export function holdsService(set: ActionSet, catalog: ActionCatalog, first: number, end: number): boolean {
  const { current } = indexOfCatalog(catalog);
  for (let id = first; id < end; id++) if (!set.has(id) && current.has(id)) return false;
  return end > first;
}

/** The services of names that are ordered by service. */
function servicesOf(names: readonly string[]): string[] {
  const services: string[] = [];
  let last = '';
  for (const name of names) {
    if (last !== '' && name.startsWith(last)) continue;
    const colon = name.indexOf(':');
    if (colon === -1) continue;
    last = name.slice(0, colon + 1);
    services.push(name.slice(0, colon).toLowerCase());
  }
  return services;
}

function compareFindings(a: Finding, b: Finding): number {
  return (
    FINDING_TYPES.indexOf(a.type) - FINDING_TYPES.indexOf(b.type) ||
    compareText(b.certainty, a.certainty) ||
    compareText(a.path ?? '', b.path ?? '') ||
    compareText(a.reason, b.reason) ||
    compareText(a.actions.join(), b.actions.join()) ||
    compareText(a.statements.join(), b.statements.join())
  );
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
