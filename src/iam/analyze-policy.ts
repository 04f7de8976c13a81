import { ActionSet } from './action-set.ts';
import type {
  AnalyzeOptions,
  Exposure,
  Finding,
  Grants,
  PolicyAnalysis,
  PolicyKind,
  PolicyKnowledge,
  PolicyStatus,
} from './analysis.ts';
import { Budget } from './budget.ts';
import { evaluateExposure } from './evaluate-exposure.ts';
import { evaluatePermissions } from './evaluate-permissions.ts';
import { ActionExpander } from './expand-actions.ts';
import { exposureFindings } from './exposure-findings.ts';
import { makeFinding, sortFindings } from './finding-builder.ts';
import { freezeGrants } from './freeze-grants.ts';
import { kindOfStatements } from './infer-kind.ts';
import { indexOfKnowledge } from './knowledge-index.ts';
import { parseDocument } from './parse-document.ts';
import type { Statement } from './parse-statement.ts';
import { evasionFindings, isAdministrator, permissionFindings } from './permission-findings.ts';
import { NOTES, REASONS } from './reasons.ts';
import { highestSeverity, lowerSeverity } from './severities.ts';
import { grantsOf, type Workshop } from './statement-grants.ts';

const DEFAULT_MAX_BYTES = 131_072;
const DEFAULT_MAX_STATEMENTS = 1_000;
/** Measured: this many steps take less than 20 ms on one core of a small machine. */
const DEFAULT_BUDGET = 1_200_000;

/**
 * Analyzes one policy document, given as object, JSON text or URL-encoded JSON text. Never throws, and
 * never works longer than its budget: a document that needs more is `too_complex`, which is a finding of
 * risk `high`, as is one that is `too_large`.
 */
export function analyzePolicy(
  document: unknown,
  options: AnalyzeOptions,
  knowledge: PolicyKnowledge,
): PolicyAnalysis {
  if (options.kind === 'organization') {
    return conclude('not_applicable', 'organization', [], knowledge, {
      reason: 'Policies of AWS Organizations limit accounts and grant nothing; they are not analyzed.',
    });
  }
  const parsed = parseDocument(document, {
    maxBytes: options.maxBytes ?? DEFAULT_MAX_BYTES,
    maxStatements: options.maxStatements ?? DEFAULT_MAX_STATEMENTS,
  });
  if (parsed.status !== 'parsed') {
    const isLarge = parsed.status === 'too_large';
    const finding = isLarge
      ? plainFinding('PolicyTooLarge', [], knowledge)
      : makeFinding(
          {
            type: 'MalformedStatement',
            certainty: 'direct',
            severity: 'medium',
            statements: [],
            reason: NOTES.invalid,
          },
          knowledge.catalog,
        );
    return conclude(parsed.status, options.kind ?? 'identity', [finding], knowledge, {
      reason: parsed.reason,
    });
  }

  const kind = options.kind ?? kindOfStatements(parsed.statements);
  const budget = new Budget(options.budget ?? DEFAULT_BUDGET);
  const workshop: Workshop = { knowledge, budget, expander: new ActionExpander(knowledge.catalog, budget) };
  const draft =
    kind === 'trust' || kind === 'resource'
      ? analyzeExposure(parsed.statements, kind, options.accountId, workshop)
      : analyzePermissions(parsed.statements, kind, workshop);
  if (budget.isExhausted) {
    const finding = plainFinding('PolicyTooComplex', [], knowledge);
    return conclude('too_complex', kind, [finding], knowledge, { reason: REASONS.PolicyTooComplex });
  }
  const findings = [...draft.findings, ...documentFindings(parsed, kind, knowledge)];
  return conclude('analyzed', kind, findings, knowledge, draft);
}

type Draft = {
  readonly findings: readonly Finding[];
  readonly grants: Grants;
  readonly isAdmin?: boolean;
  readonly isPublic?: boolean;
  readonly exposure?: Exposure;
};

function analyzePermissions(statements: readonly Statement[], kind: PolicyKind, workshop: Workshop): Draft {
  const evaluated = evaluatePermissions(statements, workshop);
  const { grants } = evaluated;
  if (workshop.budget.isExhausted) return { findings: [], grants };
  const findings = permissionFindings(evaluated, workshop);
  if (kind !== 'identity') return { findings: findings.map(asLimit), grants };
  return { findings, grants, isAdmin: isAdministrator(evaluated.direct, workshop.knowledge) };
}

/** What a boundary or session policy leaves possible: it grants nothing by itself. */
function asLimit(finding: Finding): Finding {
  return Object.freeze({
    ...finding,
    certainty: 'conditional' as const,
    severity: lowerSeverity(finding.severity, 'medium'),
    reason: finding.reason.replace(NOTES.condition, '') + NOTES.boundary,
  });
}

function analyzeExposure(
  statements: readonly Statement[],
  kind: PolicyKind,
  accountId: string | undefined,
  workshop: Workshop,
): Draft {
  const { knowledge } = workshop;
  const { admissions, grants } = evaluateExposure(statements, kind, workshop);
  if (workshop.budget.isExhausted) return { findings: [], grants };
  const { findings, exposure, isPublic } = exposureFindings(admissions, kind, accountId, workshop);
  const admittedActions = ActionSet.empty(indexOfKnowledge(knowledge).catalog.size);
  for (const actions of new Set(admissions.map(({ rest }) => rest.actions))) admittedActions.addAll(actions);
  const { none } = indexOfKnowledge(knowledge).catalog;
  const allows = statements
    .filter((statement) => statement.effect === 'Allow')
    .map((statement) => (workshop.budget.isExhausted ? undefined : grantsOf(statement, workshop)))
    .filter((one) => one !== undefined);
  const evasions = evasionFindings(
    allows,
    { direct: admittedActions, conditional: none, scoped: none },
    workshop,
  );
  return { findings: [...findings, ...evasions], grants, exposure, isPublic };
}

/** What is wrong with the document itself. */
function documentFindings(
  parsed: { readonly statements: readonly Statement[]; readonly hasDuplicateKey: boolean },
  kind: PolicyKind,
  knowledge: PolicyKnowledge,
): Finding[] {
  const findings: Finding[] = [];
  const malformed = parsed.statements.filter(
    (statement) => statement.isMalformed || isIncomplete(statement, kind),
  );
  if (malformed.length > 0) {
    findings.push(
      plainFinding(
        'MalformedStatement',
        malformed.map(({ label }) => label),
        knowledge,
      ),
    );
  }
  if (parsed.hasDuplicateKey) findings.push(plainFinding('DuplicateKey', [], knowledge));
  return findings;
}

/** Identity policies name resources and no principals; trust policies principals and no resources. */
function isIncomplete(statement: Statement, kind: PolicyKind): boolean {
  if (kind === 'trust') return !statement.hasPrincipal || statement.hasResource;
  if (kind === 'resource') return !statement.hasPrincipal;
  return !statement.hasResource || statement.hasPrincipal;
}

function plainFinding(
  type: 'PolicyTooLarge' | 'PolicyTooComplex' | 'MalformedStatement' | 'DuplicateKey',
  statements: readonly string[],
  knowledge: PolicyKnowledge,
): Finding {
  return makeFinding({ type, certainty: 'direct', statements }, knowledge.catalog);
}

function conclude(
  status: PolicyStatus,
  kind: PolicyKind,
  findings: readonly Finding[],
  knowledge: PolicyKnowledge,
  rest: Partial<Draft> & { readonly reason?: string },
): PolicyAnalysis {
  const sorted = sortFindings([...findings]);
  const counts: { [type: string]: number } = {};
  for (const { type } of sorted) counts[type] = (counts[type] ?? 0) + 1;
  return Object.freeze({
    status,
    ...(rest.reason !== undefined && { reason: rest.reason }),
    kind,
    riskLevel: highestSeverity(sorted),
    isAdmin: rest.isAdmin ?? false,
    isPublic: rest.isPublic ?? false,
    findings: sorted,
    counts: Object.freeze(counts),
    ...(rest.exposure !== undefined && { exposure: rest.exposure }),
    grants: freezeGrants(rest.grants, knowledge.catalog),
  });
}
