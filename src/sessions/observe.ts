import { hash } from 'node:crypto';
import type { CloudTrailEvent } from '../cloudtrail/event.ts';
import { agentFamily } from './agent-family.ts';
import { boundedMemo } from './bounded-memo.ts';
import { canonicalTime } from './event-time.ts';
import { type KeyHolder, keyHolderOf } from './key-holder.ts';
import type { KeyUse, NotApplicable, SessionObservation } from './observation.ts';
import { observeIssue } from './observe-issue.ts';
import { hashOf } from './short-hash.ts';
import { isServiceSource, sourceOf } from './source.ts';

/**
 * What a record says about temporary keys: which it uses, which it hands out, or why neither. Records that
 * say nothing share one frozen answer per reason.
 *
 * Followed are assumed roles and federated users (and the root sessions of AssumeRoot): only their keys
 * have an issuing event in the trail. A user's own session token is only compared with an issue that is
 * known, because console sessions and forwarded calls of users look the same and would never link.
 *
 * @see https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html
 */
export function observeSession(event: CloudTrailEvent): SessionObservation {
  const { caller } = event;
  if (caller === undefined) return NOTHING.no_identity;
  const issue = observeIssue(event, caller);
  const use = observeUse(event, keyHolderOf(caller));
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
  const eventId = eventIdOf(event);
  return {
    time: canonicalTime(event.eventTime),
    eventId,
    eventHash: hashOf(eventId),
    use,
    issue,
    notApplicable: undefined,
  };
}

function observeUse(event: CloudTrailEvent, holder: KeyHolder | NotApplicable): KeyUse | NotApplicable {
  if (typeof holder === 'string') return holder;
  const { sourceIPAddress, vpcEndpointId } = event;
  const source = sourceOf(sourceIPAddress, vpcEndpointId);
  if (source === undefined && isServiceSource(sourceIPAddress)) return 'forward_access';
  const { id, key, workload, followed, delivery } = holder;
  let unless: NotApplicable | undefined;
  if (!followed) unless = 'user_session';
  else if (workload === undefined && event.sessionCredentialFromConsole === true) unless = 'console_session';
  return {
    holder: id,
    key,
    workload,
    source,
    agent: agentFamily(event.userAgent),
    region: regionOf(event.awsRegion),
    delivery,
    throughEndpoint: vpcEndpointId !== undefined,
    unless,
    remembered: followed && source !== undefined,
  };
}

/** A region's name, or nothing when it does not look like one. */
function regionOf(region: string | undefined): string {
  return region === undefined || region.length > LONGEST_REGION ? '' : remembered(region);
}

const LONGEST_REGION = 32;
const remembered = boundedMemo(256, (region) =>
  /^[a-z]{2,4}(?:-[a-z]{2,12}){1,3}-[0-9]{1,2}$/.test(region) ? region : '',
);

/** The event id as it stands when it is plain, else 128 bits that stand for what the record says. */
export function eventIdOf(event: CloudTrailEvent): string {
  const id = event.eventID;
  if (id !== undefined && isPlainId(id)) return id;
  const parts = [id, event.requestID, event.eventTime, event.eventSource, event.eventName];
  const text = parts.map((part) => part ?? '').join('\n');
  return hash('sha256', text.slice(0, 2048), 'hex').slice(0, 32);
}

/** Letters, digits and dashes, and not too many: every id that CloudTrail makes. */
function isPlainId(id: string): boolean {
  if (id.length > LONGEST_ID) return false;
  for (let i = 0; i < id.length; i += 1) {
    const code = id.charCodeAt(i);
    const isPlain =
      (code >= 97 && code <= 122) || (code >= 48 && code <= 57) || code === 45 || (code >= 65 && code <= 90);
    if (!isPlain) return false;
  }
  return true;
}

const LONGEST_ID = 64;
