import type { PolicyEnrichment, RelatedPolicy } from '../output.ts';
import { renderAnalysis } from './render-analysis.ts';
import type { Answer } from './resolve.ts';
import type { PolicySubject } from './subject.ts';
import { WITHHELD } from './withheld.ts';

/** Status, risk and findings of an answer, in an object of the caller's own. */
export function renderAnswer(answer: Answer, subject: PolicySubject): Omit<PolicyEnrichment, 'operation'> {
  if (subject.kind === 'organization') {
    return { status: 'not_applicable', reason: 'organization_policies_are_not_analyzed' };
  }
  if (answer.withheld !== undefined) return { status: answer.withheld, ...WITHHELD[answer.withheld] };
  const { analysis } = answer;
  if (analysis === undefined) return { status: 'unknown', reason: answer.reason ?? 'document_not_seen' };
  const rendered: ReturnType<typeof renderAnswer> = { status: statusOf(answer, analysis.status) };
  if (analysis.status !== 'analyzed' && analysis.reason !== undefined) rendered.reason = analysis.reason;
  return Object.assign(rendered, renderAnalysis(analysis));
}

function statusOf(
  answer: Answer,
  status: NonNullable<Answer['analysis']>['status'],
): PolicyEnrichment['status'] {
  if (status !== 'analyzed' || answer.from === 'event') return status;
  return answer.from === 'bundle' ? 'bundled' : 'cached';
}

/** A policy beside the document of the event, in short. */
export function renderRelated(arn: string, answer: Answer, subject: PolicySubject): RelatedPolicy {
  const { status, reason, risk_level, is_admin } = renderAnswer(answer, subject);
  return {
    status,
    kind: subject.kind === 'session' ? 'session' : 'boundary',
    arn,
    ...(answer.version !== undefined && { version: answer.version }),
    ...(risk_level !== undefined && { risk_level }),
    ...(is_admin !== undefined && { is_admin }),
    ...(reason !== undefined && { reason }),
  };
}
