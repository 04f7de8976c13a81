import { hash } from 'node:crypto';
import type { CloudTrailEvent } from '../cloudtrail/event.ts';
import { canonicalTime } from './event-time.ts';
import { keyUseOf } from './key-use.ts';
import type { KeyUse, NotApplicable, SessionObservation } from './observation.ts';
import { issuesKeys, observeIssue } from './observe-issue.ts';
import { hashOf, hashOfPlain } from './short-hash.ts';

/**
 * What a record says about temporary keys: which it uses, which it hands out, or why neither. Records that
 * say nothing share one frozen answer per reason.
 *
 * Followed are assumed roles and federated users (and the root sessions of AssumeRoot): only their keys
 * have an issuing event in the trail. A user's own session token is only compared with an issue that is
 * known, because console sessions and forwarded calls of users look the same and would never link.
 *
 * @param mayIssue `issuesKeys` of the event's source and name, for whoever knows it already
 * @see https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html
 */
export function observeSession(
  event: CloudTrailEvent,
  mayIssue = issuesKeys(event.eventSource, event.eventName),
): SessionObservation {
  const { caller } = event;
  if (caller === undefined) return NOTHING.no_identity;
  const issue = mayIssue ? observeIssue(event, caller) : undefined;
  const use = keyUseOf(event, caller);
  if (typeof use !== 'string') return observation(event, use, issue);
  return issue === undefined ? NOTHING[use] : observation(event, undefined, issue);
}

const NOTHING = Object.fromEntries(
  (
    [
      'no_identity',
      'aws_service',
      'forward_access',
      'long_term_key',
      'no_temporary_key',
      'user_session',
      'console_session',
    ] as const
  ).map((reason) => [
    reason,
    Object.freeze({
      time: undefined,
      eventId: '',
      eventHash: 0,
      awsRegion: undefined,
      use: undefined,
      issue: undefined,
      notApplicable: reason,
    }),
  ]),
) as { readonly [Reason in NotApplicable]: SessionObservation };

function observation(
  event: CloudTrailEvent,
  use: KeyUse | undefined,
  issue: SessionObservation['issue'],
): SessionObservation {
  const id = event.eventID;
  const plainHash = id === undefined ? undefined : hashOfPlainId(id);
  const eventId = id === undefined || plainHash === undefined ? standIn(id, event) : id;
  return {
    time: canonicalTime(event.eventTime),
    eventId,
    eventHash: plainHash ?? hashOf(eventId),
    awsRegion: event.awsRegion,
    use,
    issue,
    notApplicable: undefined,
  };
}

/** The event id as it stands when it is plain, else 128 bits that stand for what the record says. */
export function eventIdOf(event: CloudTrailEvent): string {
  const id = event.eventID;
  return id === undefined || hashOfPlainId(id) === undefined ? standIn(id, event) : id;
}

function standIn(id: string | undefined, event: CloudTrailEvent): string {
  const parts = [id, event.requestID, event.eventTime, event.eventSource, event.eventName];
  const text = parts.map((part) => part ?? '').join('\n');
  return hash('sha256', text.slice(0, 2048), 'hex').slice(0, 32);
}

/** For letters, digits and dashes, and not too many: every id that CloudTrail makes. */
function hashOfPlainId(id: string): number | undefined {
  return id.length > LONGEST_ID ? undefined : hashOfPlain(id);
}

const LONGEST_ID = 64;
