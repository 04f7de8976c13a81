import type { PolicyEnrichment } from '../output.ts';

type Withheld = Required<Pick<PolicyEnrichment, 'risk_level' | 'findings' | 'counts' | 'reason'>>;

/**
 * A document that CloudTrail did not record is a finding of its own: never "no risk". Padding a policy
 * with white space beyond 100 KB makes CloudTrail omit the request while IAM accepts it.
 */
export const WITHHELD: { readonly [state in 'hidden' | 'omitted']: Withheld } = {
  hidden: withheld(
    'HiddenDocument',
    'document_hidden_by_aws',
    'AWS hid the policy document from CloudTrail.',
  ),
  omitted: withheld(
    'OmittedDocument',
    'document_omitted_from_record',
    'The request was too large for CloudTrail, which omitted the policy document: padding hides a policy this way.',
  ),
};

function withheld(type: string, code: string, reason: string): Withheld {
  return {
    risk_level: 'high',
    findings: [Object.freeze({ type, severity: 'high', certainty: 'direct', reason })],
    counts: { [type]: 1 },
    reason: code,
  };
}
