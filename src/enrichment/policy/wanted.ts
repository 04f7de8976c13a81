import type { PolicyRef } from '../../resolver/port.ts';
import type { PolicyEnrichment } from '../output.ts';
import { parseManagedArn } from './policy-arn.ts';
import type { Answer } from './resolve.ts';
import { ACTIVATIONS, leadsWithReference } from './resolve-subject.ts';
import type { PolicySubject } from './subject.ts';

/** What should be read from IAM for later events: an activated policy that nobody knows. */
export function wantedOf(
  subject: PolicySubject,
  arn: string | undefined,
  answer: Answer,
  policy: PolicyEnrichment,
): PolicyRef | undefined {
  const isActivation = ACTIVATIONS.has(subject.operation) || leadsWithReference(subject);
  if (subject.failed || arn === undefined || answer.from !== 'none' || !isActivation) {
    return wantedRelated(subject, policy);
  }
  return policyRef(arn, subject.version, subject.account);
}

/** A boundary or session policy that nobody knows yet. */
function wantedRelated(subject: PolicySubject, policy: PolicyEnrichment): PolicyRef | undefined {
  if (subject.failed) return undefined;
  const unknown = policy.related?.find((related) => related.status === 'unknown');
  return unknown?.arn === undefined ? undefined : policyRef(unknown.arn, undefined, subject.account);
}

function policyRef(
  arn: string,
  version: string | undefined,
  account: string | undefined,
): PolicyRef | undefined {
  const owner = parseManagedArn(arn)?.account;
  if (owner === undefined || account === undefined || (owner !== 'aws' && owner !== account))
    return undefined;
  return { arn, account, ...(version !== undefined && { version }) };
}
