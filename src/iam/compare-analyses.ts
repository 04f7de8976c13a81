import type { ActionSet } from './action-set.ts';
import type { Finding, Grants, PolicyAnalysis, PolicyChange, PolicyKnowledge, Scope } from './analysis.ts';
import { namesOf } from './finding-builder.ts';
import { indexOfKnowledge } from './knowledge-index.ts';

/**
 * What `next` changes against `previous`. Broadened means that something is allowed now that was not:
 * an action, on more resources, for more principals, under less condition, or without a Deny that was
 * there. A part of the world that another holds is allowed with it, as far as versions can tell
 * (`wider-parts.ts`); else two parts are two, and one in place of another is `mixed`. `unknown` when one of them could not be analyzed, or when lists were cut at their bound and what
 * is left differs.
 */
export function compareAnalyses(
  previous: PolicyAnalysis,
  next: PolicyAnalysis,
  knowledge: PolicyKnowledge,
): PolicyChange {
  const isComparable =
    previous.status === 'analyzed' &&
    next.status === 'analyzed' &&
    previous.grants.catalog === next.grants.catalog &&
    next.grants.catalog === knowledge.catalog.hash;
  const findings = compareFindings(previous.findings, next.findings);
  if (!isComparable) {
    return freezeChange({ verdict: 'unknown', ...findings, ...noActions });
  }
  const gained = reachGained(previous.grants, next.grants);
  const lost = reachGained(next.grants, previous.grants);
  const before = allowed(previous.grants);
  const after = allowed(next.grants);
  const { sensitive } = indexOfKnowledge(knowledge);
  return freezeChange({
    verdict: verdictOf(previous.grants, next.grants, gained, lost),
    ...findings,
    addedActions: after.difference(before).size,
    removedActions: before.difference(after).size,
    addedRiskyActions: namesOf(gained.actions.intersection(sensitive), knowledge.catalog),
  });
}

const noActions = { addedActions: 0, removedActions: 0, addedRiskyActions: [] as readonly string[] };

type Gain = { readonly actions: ActionSet; readonly isAny: boolean };

/** What `after` allows beyond `before`. */
function reachGained(before: Grants, after: Grants): Gain {
  const actions = after.direct.difference(before.direct).copy();
  for (const scope of after.scopes) {
    let more = scope.actions.difference(before.direct);
    for (const key of [scope.key, ...scope.within]) {
      if (more.isEmpty) break;
      const known = find(before.scopes, key);
      if (known !== undefined) more = more.difference(known.actions);
    }
    actions.addAll(more);
  }
  const reachable = allowed(after);
  for (const deny of before.denies) {
    const known = find(after.denies, deny.key);
    const lifted = known === undefined ? deny.actions : deny.actions.difference(known.actions);
    // What an Allow with NotResource leaves out matters to what is allowed on every resource alone.
    const isException = deny.wide && !deny.conditional;
    actions.addAll(lifted.intersection(isException ? after.direct : reachable));
  }
  const isAny = !actions.isEmpty || after.unknown.some((action) => !before.unknown.includes(action));
  return { actions, isAny };
}

function verdictOf(previous: Grants, next: Grants, gained: Gain, lost: Gain): PolicyChange['verdict'] {
  if (!gained.isAny && !lost.isAny)
    return previous.complete && next.complete ? 'unchanged' : sameOrUnknown(previous, next);
  if (!previous.complete || !next.complete) return 'unknown';
  if (gained.isAny && lost.isAny) return 'mixed';
  return gained.isAny ? 'broadened' : 'narrowed';
}

/** Two lists cut at their bound may hide a difference; the same analysis has none. */
function sameOrUnknown(previous: Grants, next: Grants): 'unchanged' | 'unknown' {
  return previous === next ? 'unchanged' : 'unknown';
}

/** Everything that is allowed somewhere, to somebody, under some condition. */
function allowed(grants: Grants): ActionSet {
  const result = grants.direct.copy();
  for (const scope of grants.scopes) result.addAll(scope.actions);
  return result;
}

/** Scopes are ascending by key. */
function find(scopes: readonly Scope[], key: string): Scope | undefined {
  let low = 0;
  let high = scopes.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((scopes[middle]?.key ?? '') < key) low = middle + 1;
    else high = middle;
  }
  return scopes[low]?.key === key ? scopes[low] : undefined;
}

function compareFindings(
  previous: readonly Finding[],
  next: readonly Finding[],
): Pick<PolicyChange, 'addedFindings' | 'removedFindings'> {
  const before = new Set(previous.map(identity));
  const after = new Set(next.map(identity));
  return {
    addedFindings: next.filter((finding) => !before.has(identity(finding))),
    removedFindings: previous.filter((finding) => !after.has(identity(finding))),
  };
}

/** Findings are the same by what they say, not by the statements that cause them. */
function identity(finding: Finding): string {
  return [
    finding.type,
    finding.path ?? '',
    finding.certainty,
    finding.severity,
    finding.reason,
    ...finding.actions,
  ].join('\n');
}

function freezeChange(change: PolicyChange): PolicyChange {
  return Object.freeze({
    ...change,
    addedFindings: Object.freeze(change.addedFindings),
    removedFindings: Object.freeze(change.removedFindings),
    addedRiskyActions: Object.freeze(change.addedRiskyActions),
  });
}
