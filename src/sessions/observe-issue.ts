import type { Caller } from '../cloudtrail/caller.ts';
import type { CloudTrailEvent } from '../cloudtrail/event.ts';
import { isObject, type JsonObject, readArray, readObject, readString } from '../cloudtrail/json.ts';
import { agentFamily } from './agent-family.ts';
import { canonicalTime } from './event-time.ts';
import type { KeyIssue } from './observation.ts';
import type { Origin } from './origin.ts';
import { keyRecordKey } from './record-key.ts';
import { sourceOf } from './source.ts';

/**
 * Calls whose answer holds a temporary key, by name, with the service that answers. A service that gets a
 * key for a workload (EC2, Lambda, ECS) is an `AssumeRole` by an `AWSService` without `assumedRoleUser`.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/cloudtrail-integration.html
 * @see https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoot.html
 * @see https://docs.aws.amazon.com/rolesanywhere/latest/userguide/authentication-create-session.html
 */
const ISSUING_CALLS: ReadonlyMap<string, string> = new Map([
  ['AssumeRole', 'sts.amazonaws.com'],
  ['AssumeRoleWithSAML', 'sts.amazonaws.com'],
  ['AssumeRoleWithWebIdentity', 'sts.amazonaws.com'],
  ['AssumeRoot', 'sts.amazonaws.com'],
  ['GetSessionToken', 'sts.amazonaws.com'],
  ['GetFederationToken', 'sts.amazonaws.com'],
  ['CreateSession', 'rolesanywhere.amazonaws.com'],
  ['GetCredentialsForIdentity', 'cognito-identity.amazonaws.com'],
  ['AssumeRoleForPodIdentity', 'eks-auth.amazonaws.com'],
]);

/** True for the calls whose answer holds a temporary key. */
export function issuesKeys(eventSource: string | undefined, eventName: string | undefined): boolean {
  return eventName !== undefined && eventSource !== undefined && ISSUING_CALLS.get(eventName) === eventSource;
}

/** The key that an issuing call ({@link issuesKeys}) handed out; undefined when it failed, or shows none. */
export function observeIssue(event: CloudTrailEvent, caller: Caller): KeyIssue | undefined {
  if (event.errorCode !== undefined) return undefined;
  const response = event.responseElements;
  const credentials = credentialsOf(response);
  const key = keyRecordKey(readString(credentials, 'accessKeyId'));
  if (key === undefined) return undefined;
  const source = sourceOf(event.sourceIPAddress, event.vpcEndpointId)?.text;
  const origin = originOf(event, caller, response, credentials, source);
  const addressed = origin.source === undefined ? 2 : 0;
  return { key, origin, quality: addressed + (origin.principal === undefined ? 1 : 0) };
}

function credentialsOf(response: JsonObject | undefined): JsonObject | undefined {
  const direct = readObject(response, 'credentials');
  if (direct !== undefined) return direct;
  // Roles Anywhere answers a list of one.
  const first = readArray(response, 'credentialSet')?.[0];
  return isObject(first) ? readObject(first, 'credentials') : undefined;
}

function originOf(
  event: CloudTrailEvent,
  caller: Caller,
  response: JsonObject | undefined,
  credentials: JsonObject | undefined,
  source: string | undefined,
): Origin {
  const request = event.requestParameters;
  const addressed = source !== undefined;
  return {
    source,
    userAgent: addressed ? agentFamily(event.userAgent) : undefined,
    principal: caller.arn,
    principalType: caller.type,
    subject: subjectOf(caller),
    role: readString(request, 'roleArn') ?? readString(request, 'targetPrincipal'),
    sessionName: sessionNameOf(request, response),
    sourceIdentity:
      readString(request, 'sourceIdentity') ??
      readString(response, 'sourceIdentity') ??
      caller.sourceIdentity,
    onBehalfOf: caller.onBehalfOfUserId,
    mfa: mfaOf(request, caller),
    expires: canonicalTime(readString(credentials, 'expiration')),
    issuerService: addressed ? undefined : (caller.invokedBy ?? event.sourceIPAddress),
    parent: keyRecordKey(caller.accessKeyId),
  };
}

/** Who a federated caller is, as the identity provider said it; the provider's name stays out. */
function subjectOf({ type, userName, principalId }: Caller): string | undefined {
  return type === 'SAMLUser' || type === 'WebIdentityUser' ? (userName ?? principalId) : undefined;
}

/** The name asked for; else the one answered, behind the colon of `AROA…:name`. */
function sessionNameOf(
  request: JsonObject | undefined,
  response: JsonObject | undefined,
): string | undefined {
  const asked = readString(request, 'roleSessionName') ?? readString(request, 'name');
  if (asked !== undefined) return asked;
  const id = readString(readObject(response, 'assumedRoleUser'), 'assumedRoleId');
  return id === undefined || !id.includes(':') ? undefined : id.slice(id.indexOf(':') + 1);
}

/** A token code in the request, or a caller's session that had one. */
function mfaOf(request: JsonObject | undefined, caller: Caller): boolean | undefined {
  return readString(request, 'serialNumber') !== undefined ? true : caller.mfaAuthenticated;
}
