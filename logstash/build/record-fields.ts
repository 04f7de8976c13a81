import type { Field, FieldType } from './fields.ts';
import { type Engine, freeObject, type Mapping, mappingOf, mappingsOf } from './mapping.ts';

/**
 * Members of a CloudTrail record that are worth searching.
 *
 * @see https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
 */
const RECORD: Readonly<Record<string, FieldType>> = {
  'cloudtrail.awsRegion': 'keyword',
  'cloudtrail.errorCode': 'keyword',
  'cloudtrail.errorMessage': 'keyword',
  'cloudtrail.eventCategory': 'keyword',
  'cloudtrail.eventID': 'keyword',
  'cloudtrail.eventName': 'keyword',
  'cloudtrail.eventSource': 'keyword',
  'cloudtrail.eventTime': 'time',
  'cloudtrail.eventType': 'keyword',
  'cloudtrail.eventVersion': 'keyword',
  'cloudtrail.managementEvent': 'keyword',
  'cloudtrail.readOnly': 'keyword',
  'cloudtrail.recipientAccountId': 'keyword',
  'cloudtrail.requestID': 'keyword',
  'cloudtrail.sessionCredentialFromConsole': 'keyword',
  'cloudtrail.sharedEventID': 'keyword',
  'cloudtrail.sourceIPAddress': 'address',
  'cloudtrail.userAgent': 'keyword',
  'cloudtrail.userIdentity.accessKeyId': 'keyword',
  'cloudtrail.userIdentity.accountId': 'keyword',
  'cloudtrail.userIdentity.arn': 'keyword',
  'cloudtrail.userIdentity.invokedBy': 'keyword',
  'cloudtrail.userIdentity.principalId': 'keyword',
  'cloudtrail.userIdentity.sessionContext.attributes.creationDate': 'time',
  'cloudtrail.userIdentity.sessionContext.attributes.mfaAuthenticated': 'keyword',
  'cloudtrail.userIdentity.sessionContext.sessionIssuer.arn': 'keyword',
  'cloudtrail.userIdentity.sessionContext.sessionIssuer.userName': 'keyword',
  'cloudtrail.userIdentity.sessionContext.sourceIdentity': 'keyword',
  'cloudtrail.userIdentity.type': 'keyword',
  'cloudtrail.userIdentity.userName': 'keyword',
  'cloudtrail.vpcEndpointId': 'keyword',
};

/** Members with free keys: the classic mapping explosion when mapped dynamically. */
export const FREE = [
  'requestParameters',
  'responseElements',
  'additionalEventData',
  'serviceEventDetails',
] as const;

/**
 * Elastic's names for the same members, as its AWS integration fills them. Dashboards and rules use these,
 * so that they work on the integration's data stream and on ours, where the ingest pipeline copies them.
 * (Field aliases would save the copy, and refuse every event whose agent wrote `cloud.region` itself.)
 */
export const COPIES: Readonly<Record<string, string>> = {
  'aws.cloudtrail.error_code': 'errorCode',
  'aws.cloudtrail.user_identity.access_key_id': 'userIdentity.accessKeyId',
  'aws.cloudtrail.user_identity.arn': 'userIdentity.arn',
  'aws.cloudtrail.user_identity.type': 'userIdentity.type',
  'cloud.account.id': 'recipientAccountId',
  'cloud.region': 'awsRegion',
  'event.action': 'eventName',
  'event.id': 'eventID',
  'event.provider': 'eventSource',
  'source.address': 'sourceIPAddress',
  'user_agent.original': 'userAgent',
};

/** Mappings of the raw record under `cloudtrail`, and of what is copied out of it. */
export function recordMappings(engine: Engine): Mapping {
  const mapped = mappingsOf(asFields(RECORD), engine) as { cloudtrail: { properties: Mapping } };
  const free = Object.fromEntries(FREE.map((name) => [name, freeObject(engine)]));
  const copies = Object.fromEntries(Object.keys(COPIES).map((name) => [name, 'keyword' as const]));
  return {
    '@timestamp': { type: 'date' },
    tags: mappingOf('keyword', engine),
    cloudtrail: { dynamic: false, properties: { ...mapped.cloudtrail.properties, ...free } },
    ...mappingsOf(asFields(copies), engine),
  };
}

function asFields(types: Readonly<Record<string, FieldType>>): Field[] {
  return Object.entries(types).map(([name, type]) => ({
    name,
    type,
    list: false,
    full: false,
    description: '',
    values: [],
  }));
}
