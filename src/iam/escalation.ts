import type { ActionSet } from './action-set.ts';
import type { EscalationPath, Finding, PolicyKnowledge } from './analysis.ts';
import type { Budget } from './budget.ts';
import type { EvaluatedPermissions } from './evaluate-permissions.ts';
import { makeFinding } from './finding-builder.ts';
import { indexOfKnowledge } from './knowledge-index.ts';
import { matchesPattern } from './match-pattern.ts';
import { NOTES, REASONS } from './reasons.ts';
import { passTargets, type Workshop } from './statement-grants.ts';

/** Every escalation path all of whose actions are allowed on every resource. */
export function findEscalations(
  evaluated: EvaluatedPermissions,
  { knowledge, budget }: Pick<Workshop, 'knowledge' | 'budget'>,
): Finding[] {
  const { direct, conditional } = evaluated;
  const reach = direct.union(conditional);
  const findings: Finding[] = [];
  let targets: PassTargets | undefined;
  const reached = new Map<string, boolean>();
  for (const path of knowledge.escalationPaths) {
    if (path.actions.length === 0 || !holdsAll(reach, path)) continue;
    if (path.passedTo !== undefined) {
      targets ??= collectTargets(evaluated, knowledge);
      const canPass = reached.get(path.passedTo) ?? canPassTo(targets, path.passedTo, budget);
      reached.set(path.passedTo, canPass);
      if (!canPass) continue;
    }
    const isConditional = !holdsAll(direct, path);
    findings.push(
      makeFinding(
        {
          type: 'PrivilegeEscalation',
          certainty: isConditional || path.conditional ? 'conditional' : 'direct',
          path: path.id,
          actions: path.actions.map((id) => knowledge.catalog.names[id] ?? ''),
          statements: sourcesOf(path, evaluated),
          reason:
            REASONS.PrivilegeEscalation +
            (isConditional ? NOTES.condition : '') +
            (path.conditional ? NOTES.target : ''),
        },
        knowledge.catalog,
      ),
    );
  }
  return findings;
}

function holdsAll(set: ActionSet, path: EscalationPath): boolean {
  for (const id of path.actions) if (!set.has(id)) return false;
  return true;
}

function sourcesOf(path: EscalationPath, evaluated: EvaluatedPermissions): string[] {
  return evaluated.allows
    .filter((one) => path.actions.some((id) => one.wide.has(id)))
    .map((one) => one.statement.label);
}

/** Patterns of service principals a role may be passed to, or any. */
type PassTargets = 'any' | readonly string[];

function collectTargets(evaluated: EvaluatedPermissions, knowledge: PolicyKnowledge): PassTargets {
  const { passRole } = indexOfKnowledge(knowledge);
  const patterns: string[] = [];
  for (const { wide, statement } of evaluated.allows) {
    if (passRole === undefined || !wide.has(passRole)) continue;
    const limited = passTargets(statement);
    if (limited === undefined) return 'any';
    patterns.push(...limited.map((pattern) => pattern.replace(/\.cn$/, '')));
  }
  return patterns;
}

function canPassTo(targets: PassTargets, service: string, budget: Budget): boolean {
  if (targets === 'any') return true;
  budget.spend(targets.length * 4);
  return targets.some((pattern) => matchesPattern(pattern, service, budget));
}
