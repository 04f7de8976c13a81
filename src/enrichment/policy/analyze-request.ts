import { isObject, readMember } from '../../cloudtrail/json.ts';
import { POLICY_KINDS, type PolicyAnalysis, type PolicyKind } from '../../iam/analysis.ts';
import { compareAnalyses } from '../../iam/compare-analyses.ts';
import { inferKind } from '../../iam/infer-kind.ts';
import type { PolicyEnrichment } from '../output.ts';
import type { PolicyContext } from './context.ts';
import { isAccountId } from './policy-arn.ts';
import { renderAnalysis } from './render-analysis.ts';
import { renderChange } from './render-change.ts';

/** The answer of `POST /v1/policies/analyze`: the members of `detrails.policy` at the top. */
export type AnalyzeAnswer = Pick<
  PolicyEnrichment,
  | 'status'
  | 'kind'
  | 'risk_level'
  | 'is_admin'
  | 'is_public'
  | 'findings'
  | 'counts'
  | 'exposure'
  | 'change'
  | 'reason'
>;

/** Why a body cannot be analyzed; stable codes for a 422. */
export type AnalyzeRefusal =
  | 'body_is_not_an_object'
  | 'document_missing'
  | 'document_is_not_a_policy'
  | 'previous_is_not_a_policy'
  | 'kind_unknown'
  | 'account_id_invalid';

export type AnalyzeResult =
  | { readonly status: 'answered'; readonly answer: AnalyzeAnswer }
  | {
      readonly status: 'refused';
      readonly refusal: AnalyzeRefusal;
      /** What the library said; never text of the document. */
      readonly detail?: string;
    };

/**
 * What is behind `POST /v1/policies/analyze`: analyzes `document` (object, JSON text or URL-encoded
 * text) and compares it with `previous`. Pure; the body is whatever the client sent.
 */
export function analyzeRequest(body: unknown, context: PolicyContext): AnalyzeResult {
  if (!isObject(body)) return refused('body_is_not_an_object');
  const document = readMember(body, 'document');
  if (document === undefined || document === null || document === '') return refused('document_missing');
  const given = readMember(body, 'kind');
  if (given !== undefined && !isKind(given)) return refused('kind_unknown');
  const accountId = readMember(body, 'account_id');
  if (accountId !== undefined && !(typeof accountId === 'string' && isAccountId(accountId))) {
    return refused('account_id_invalid');
  }
  const kind = given ?? inferKind(document);
  const { analysis } = context.analyze(document, kind, accountId);
  if (analysis.status === 'invalid') return refused('document_is_not_a_policy', analysis.reason);
  const previousDocument = readMember(body, 'previous') ?? undefined;
  if (previousDocument === undefined) return { status: 'answered', answer: render(analysis) };
  const previous = context.analyze(previousDocument, kind, accountId).analysis;
  if (previous.status === 'invalid') return refused('previous_is_not_a_policy', previous.reason);
  const change = renderChange(compareAnalyses(previous, analysis, context.knowledge), previous, undefined);
  return { status: 'answered', answer: { ...render(analysis), change } };
}

function render(analysis: PolicyAnalysis): AnalyzeAnswer {
  const { status, kind, reason } = analysis;
  return { status, kind, ...renderAnalysis(analysis), ...(reason !== undefined && { reason }) };
}

function isKind(value: unknown): value is PolicyKind {
  return POLICY_KINDS.some((kind) => kind === value);
}

function refused(refusal: AnalyzeRefusal, detail?: string): AnalyzeResult {
  return { status: 'refused', refusal, ...(detail !== undefined && { detail }) };
}
