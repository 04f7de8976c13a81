import { type Caller, callerOf } from './caller.ts';
import { isObject, type JsonObject, presentBoolean, presentString, readMember } from './json.ts';

/**
 * What enrichers read of one CloudTrail record. Members have AWS's names and are absent (`undefined`)
 * when the record lacks them, gives them another type, or holds an unexpanded Logstash template.
 *
 * Reading is cheap once and free after: implementations decode a member when it is first asked for.
 *
 * @see https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
 */
export interface CloudTrailEvent {
  readonly eventVersion: string | undefined;
  /** ISO 8601 as CloudTrail wrote it; an agent's `@timestamp` stands in when the record has none. */
  readonly eventTime: string | undefined;
  /** The called service's host, such as `iam.amazonaws.com`. */
  readonly eventSource: string | undefined;
  readonly eventName: string | undefined;
  readonly awsRegion: string | undefined;
  /** An IP address, a service's host name, `AWS Internal`, or a console marker. Never assume an IP. */
  readonly sourceIPAddress: string | undefined;
  readonly userAgent: string | undefined;
  /** Present exactly when the call failed. */
  readonly errorCode: string | undefined;
  readonly errorMessage: string | undefined;
  readonly requestID: string | undefined;
  readonly eventID: string | undefined;
  readonly eventType: string | undefined;
  readonly eventCategory: string | undefined;
  readonly readOnly: boolean | undefined;
  readonly managementEvent: boolean | undefined;
  readonly recipientAccountId: string | undefined;
  readonly sharedEventID: string | undefined;
  readonly vpcEndpointId: string | undefined;
  readonly sessionCredentialFromConsole: boolean | undefined;
  readonly userIdentity: JsonObject | undefined;
  /** What `userIdentity` says, in one shape; equal bytes give the identical object. */
  readonly caller: Caller | undefined;
  readonly requestParameters: JsonObject | undefined;
  readonly responseElements: JsonObject | undefined;
  readonly additionalEventData: JsonObject | undefined;
  /**
   * One member of `requestParameters` by name (ASCII): the same as reading it there, for less when nobody
   * reads the others.
   */
  requestParameter(name: string): unknown;
  /** Any top-level member by name, parsed; for the rare ones that have no property here. */
  member(name: string): unknown;
}

/** A {@link CloudTrailEvent} over an already parsed record. */
export function eventFromObject(record: JsonObject): CloudTrailEvent {
  const text = (name: string): string | undefined => presentString(readMember(record, name));
  const flag = (name: string): boolean | undefined => presentBoolean(readMember(record, name));
  const object = (name: string): JsonObject | undefined => parsedObject(readMember(record, name));
  const userIdentity = object('userIdentity');
  const requestParameters = object('requestParameters');
  return {
    eventVersion: text('eventVersion'),
    eventTime: text('eventTime') ?? text('@timestamp'),
    eventSource: text('eventSource'),
    eventName: text('eventName'),
    awsRegion: text('awsRegion'),
    sourceIPAddress: text('sourceIPAddress') ?? text('sourceIpAddress'),
    userAgent: text('userAgent'),
    errorCode: text('errorCode'),
    errorMessage: text('errorMessage'),
    requestID: text('requestID'),
    eventID: text('eventID'),
    eventType: text('eventType'),
    eventCategory: text('eventCategory'),
    readOnly: flag('readOnly'),
    managementEvent: flag('managementEvent'),
    recipientAccountId: text('recipientAccountId'),
    sharedEventID: text('sharedEventID'),
    vpcEndpointId: text('vpcEndpointId'),
    sessionCredentialFromConsole: flag('sessionCredentialFromConsole'),
    userIdentity,
    caller: userIdentity && callerOf(userIdentity),
    requestParameters,
    responseElements: object('responseElements'),
    additionalEventData: object('additionalEventData'),
    requestParameter: (name) => readMember(requestParameters, name),
    member: (name) => readMember(record, name),
  };
}

/**
 * `value` as an object. A member that a template turned into JSON text (`"{\"userName\":…}"`, what
 * Logstash's http filter sends for a nested reference) is parsed once more.
 */
export function parsedObject(value: unknown): JsonObject | undefined {
  if (isObject(value)) return value;
  if (typeof value !== 'string' || !value.trimStart().startsWith('{')) return undefined;
  try {
    const parsed: unknown = JSON.parse(value);
    return isObject(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}
