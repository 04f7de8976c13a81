import type { CloudTrailEvent } from '../cloudtrail/event.ts';
import { readMember } from '../cloudtrail/json.ts';

/** What became of a call. */
export type Outcome = 'success' | 'denied' | 'failed';

/** Error messages are read this far: AWS says what was denied at the beginning. */
const MESSAGE_PREFIX = 2048;

/** Error codes of a missing permission besides `…AccessDenied…`; services differ. */
const DENIED_CODES = new Set([
  'UnauthorizedOperation',
  'Client.UnauthorizedOperation',
  'UnauthorizedAccess',
  'AuthorizationError',
  'AuthorizationErrorException',
  'NotAuthorized',
  'Forbidden',
  'ForbiddenException',
  'InsufficientPrivilegesException',
]);

/**
 * The outcome of an event: `denied` when a permission was missing, by the error code or by what the
 * message says; `failed` for every other error, a refused sign-in among them (that is a wrong password,
 * not a missing permission); else `success`.
 *
 * @see https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-aws-console-sign-in-events.html
 */
export function outcomeOf(event: CloudTrailEvent): Outcome {
  const { errorCode, errorMessage } = event;
  if (errorCode === undefined && errorMessage === undefined)
    return signInFailed(event) ? 'failed' : 'success';
  return isDenied(errorCode, errorMessage) ? 'denied' : 'failed';
}

function isDenied(code: string | undefined, message: string | undefined): boolean {
  if (code !== undefined && (DENIED_CODES.has(code) || hasAccessDenied(code))) return true;
  const text = message?.slice(0, MESSAGE_PREFIX);
  return text !== undefined && (text.includes(NOT_AUTHORIZED) || text.includes('with an explicit deny'));
}

function hasAccessDenied(code: string): boolean {
  return code.length <= 128 && code.includes('AccessDenied');
}

/** Sign-in events have no error code; they say `Failure` under their own name. */
function signInFailed(event: CloudTrailEvent): boolean {
  const { eventSource, eventName } = event;
  if (eventSource === undefined || eventName === undefined || !isSignIn(eventSource)) return false;
  return (
    readMember(event.responseElements, eventName) === 'Failure' ||
    readMember(event.member('serviceEventDetails'), eventName) === 'Failure'
  );
}

/** True for the source of sign-in events, in every region and partition. */
export function isSignIn(eventSource: string): boolean {
  return eventSource.startsWith('signin.');
}

const NOT_AUTHORIZED = 'not authorized to perform';

/**
 * The action that AWS itself names in a refusal (`… is not authorized to perform: iam:CreateUser on …`),
 * as it stands there, or undefined. The first mention counts: before it stands only the caller's ARN,
 * in which no caller can write it.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
 */
export function deniedAction(message: string | undefined): string | undefined {
  const text = message?.slice(0, MESSAGE_PREFIX);
  const start = text?.indexOf(NOT_AUTHORIZED) ?? -1;
  if (text === undefined || start < 0) return undefined;
  return NAMED_ACTION.exec(
    text.slice(start + NOT_AUTHORIZED.length, start + NOT_AUTHORIZED.length + 256),
  )?.[1];
}

const NAMED_ACTION = /^:? {0,4}\[?([a-zA-Z0-9-]{1,64}:[a-zA-Z0-9-]{1,128})(?![a-zA-Z0-9:*-])/;
