import { hash } from 'node:crypto';
import type { Caller } from '../cloudtrail/caller.ts';
import type { CloudTrailEvent } from '../cloudtrail/event.ts';
import { readString } from '../cloudtrail/json.ts';
import { boundedMemo } from './bounded-memo.ts';
import { canonicalTime } from './event-time.ts';
import type { SessionObservation } from './observation.ts';
import { eventIdOf } from './observe.ts';

/**
 * What a user or root works with: the console, a long-term access key (`AKIA…`), or a session token it
 * asked STS for (`GetSessionToken`, `ASIA…`).
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids
 */
export type KeyKind = 'console' | 'long_term_key' | 'session_token';

/** One use of a kind of credential by a principal that may have several. */
export type KeyKindUse = {
  /** The store's key for the principal. */
  readonly principal: string;
  readonly kind: KeyKind;
  /** Canonical time. */
  readonly time: string;
  readonly eventId: string;
};

/**
 * The kind of credential a user or root used, or undefined where there is none to learn. Assumed roles and
 * federated users always have temporary keys, and what a service does with a user's session says nothing of
 * the user: both are told apart by what {@link SessionObservation} has read already, so their events cost a
 * look at it and nothing else.
 */
export function observeKeyKind(event: CloudTrailEvent, session: SessionObservation): KeyKindUse | undefined {
  const { notApplicable, use } = session;
  if (notApplicable === 'long_term_key') return useOf(event, 'long_term_key');
  if (notApplicable === 'no_temporary_key') return isSignIn(event) ? useOf(event, 'console') : undefined;
  if (use === undefined && notApplicable === undefined)
    return isLongTermCall(event) ? useOf(event, 'long_term_key') : undefined;
  if (use?.unless !== 'user_session') return undefined;
  const kind = temporaryKind(event);
  return kind === undefined ? undefined : useOf(event, kind);
}

/** A principal that has not called for so long is forgotten: root may sign in once a year. */
export const PRINCIPAL_RECORD_TTL_MS = 400 * 24 * 3_600_000;

function useOf(event: CloudTrailEvent, kind: KeyKind): KeyKindUse | undefined {
  const principal = principalRecordKey(event.caller);
  const time = principal === undefined ? undefined : canonicalTime(event.eventTime);
  if (principal === undefined || time === undefined) return undefined;
  return { principal, kind, time, eventId: eventIdOf(event) };
}

/** A call that hands out a key: the session is about that one, so nobody has looked at the caller's. */
function isLongTermCall({ caller }: CloudTrailEvent): boolean {
  return caller?.accessKeyId?.startsWith('AKIA') === true && !caller.hasInvokedBy;
}

/** Only a sign-in that went through: anybody may try somebody's name. */
function isSignIn(event: CloudTrailEvent): boolean {
  return (
    event.eventName === 'ConsoleLogin' &&
    event.eventSource === 'signin.amazonaws.com' &&
    readString(event.responseElements, 'ConsoleLogin') === 'Success'
  );
}

/**
 * The console marks its calls only in part. An unmarked call by a browser, a console or the SDK that AWS's
 * own front ends use may be the console's, and may be a thief's: it is neither.
 */
function temporaryKind(event: CloudTrailEvent): KeyKind | undefined {
  if (event.sessionCredentialFromConsole === true) return 'console';
  const agent = event.userAgent;
  return agent === undefined || looksLikeConsole(agent.slice(0, LONGEST_AGENT)) ? undefined : 'session_token';
}

const LONGEST_AGENT = 1024;
const looksLikeConsole = boundedMemo(1024, (agent) => /mozilla|console|aws[- ]internal|signin/i.test(agent));

/**
 * The store's key for an IAM user (its unique id, which no later user of the name has) or an account's root
 * (the account id).
 */
function principalRecordKey(caller: Caller | undefined): string | undefined {
  if (caller === undefined || (caller.type !== 'IAMUser' && caller.type !== 'Root')) return undefined;
  const { type, principalId: id } = caller;
  if (id === undefined || id.length > LONGEST_ID) return undefined;
  return (type === 'Root' ? rootRecord(id) : userRecord(id)) || undefined;
}

const LONGEST_ID = 64;
// Empty for what has no record: that too is worth remembering.
const userRecord = boundedMemo(8192, (id) => (/^AIDA[A-Z0-9]{12,60}$/.test(id) ? recordKey(id) : ''));
const rootRecord = boundedMemo(1024, (id) => (/^[0-9]{12}$/.test(id) ? recordKey(id) : ''));

function recordKey(id: string): string {
  return `principal:${hash('sha256', id, 'base64url').slice(0, 22)}`;
}
