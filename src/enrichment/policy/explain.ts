import type { PolicyObservation, PolicyResult } from '../policy.ts';
import type { PolicyContext } from './context.ts';
import { type Records, resolvePrevious } from './resolve.ts';

/** How a policy verdict was reached: small JSON without text of the document. */
export type PolicyExplanation = { readonly [key: string]: string | number | boolean };

/** For `explain=true`; undefined for an event that touches no policy. */
export function explainPolicy(
  observation: PolicyObservation,
  result: PolicyResult,
  records: Records,
  context: PolicyContext,
): PolicyExplanation | undefined {
  const { subject, analyzed } = observation;
  if (subject === undefined || result.policy === undefined) return undefined;
  const previous = resolvePrevious(subject, analyzed, records, context);
  const compared = previous?.document;
  return {
    operation: subject.operation,
    document: subject.document.state,
    answered_from: analyzed === undefined ? result.policy.status : 'event',
    ...(subject.lifeKey !== undefined && { record: subject.lifeKey, remembered: isRemembered(observation) }),
    ...(analyzed !== undefined && { document_hash: analyzed.hash }),
    ...(subject.time !== undefined && { as_of: subject.time }),
    ...(result.policy.reason !== undefined && { reason: result.policy.reason }),
    ...(compared !== undefined && { compared_with: compared.document, compared_event: compared.eventId }),
    ...(previous?.reason !== undefined && { not_compared: previous.reason }),
    ...(result.wanted !== undefined && { asked_resolver: true }),
  };
}

function isRemembered(observation: PolicyObservation): boolean {
  return observation.contributions.some(
    ({ key, operations }) => key === observation.subject?.lifeKey && operations.length > 0,
  );
}
