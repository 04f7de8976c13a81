import type { PolicyKind } from './analysis.ts';
import { parseDocument } from './parse-document.ts';
import type { Statement } from './parse-statement.ts';

/** Limits for a look at a document whose kind nobody gave. */
const LIMITS = { maxBytes: 131_072, maxStatements: 1_000 };

/**
 * What kind of policy a document is by its form: without principals `identity`; with principals `trust`
 * when every such statement names no resource and only STS actions, else `resource`. Session policies,
 * boundaries and organization policies look like identity policies: only the caller can tell them.
 */
export function inferKind(document: unknown): PolicyKind {
  const parsed = parseDocument(document, LIMITS);
  return parsed.status === 'parsed' ? kindOfStatements(parsed.statements) : 'identity';
}

/** {@link inferKind} for statements already read. */
export function kindOfStatements(statements: readonly Statement[]): PolicyKind {
  const withPrincipal = statements.filter((statement) => statement.hasPrincipal);
  if (withPrincipal.length === 0) return 'identity';
  return withPrincipal.every((one) => !one.hasResource && one.actions.every(isAboutTrust))
    ? 'trust'
    : 'resource';
}

function isAboutTrust(action: string): boolean {
  const lower = action.toLowerCase();
  return lower === '*' || lower.startsWith('sts:') || lower.startsWith('*:');
}
