/**
 * Member names worth remembering: first those whose texts many records share, then what else enrichers
 * read, then what envelopes are recognized by.
 */
export const MEMBERS = [
  'eventSource',
  'eventName',
  'awsRegion',
  'sourceIPAddress',
  'sourceIpAddress',
  'userAgent',
  'errorCode',
  'eventType',
  'recipientAccountId',
  'vpcEndpointId',
  'eventVersion',
  'eventTime',
  'errorMessage',
  'requestID',
  'eventID',
  'eventCategory',
  'readOnly',
  'managementEvent',
  'sharedEventID',
  'sessionCredentialFromConsole',
  'userIdentity',
  'requestParameters',
  'responseElements',
  'additionalEventData',
  'serviceEventDetails',
  'insightDetails',
  'resources',
  'tlsDetails',
  '@timestamp',
  'detrails',
  'threat',
  'Records',
  'detail',
  'detail-type',
  'messageType',
  'logEvents',
  'Message',
  'Sns',
  'body',
  'message',
  'event',
  'original',
  'aws',
  'cloudtrail',
  'digestS3Object',
  'version',
  'UID',
] as const;

export type MemberName = (typeof MEMBERS)[number];

/** Column of a member in a row of the index. */
export const MEMBER: { readonly [Name in MemberName]: number } = Object.fromEntries(
  MEMBERS.map((name, index) => [name, index]),
) as { [Name in MemberName]: number };

/** Columns below this are those of the texts that many records share. */
export const REPEATED_MEMBERS = MEMBERS.indexOf('vpcEndpointId') + 1;
