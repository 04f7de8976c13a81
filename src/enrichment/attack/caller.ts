import type { CloudTrailEvent } from '../../cloudtrail/event.ts';
import { readMember, readString } from '../../cloudtrail/json.ts';

/**
 * On whose account a call was made: `service` for what AWS does by itself (service principals, service
 * events, service-linked roles), `forwarded` for what a service does on somebody's behalf (`invokedBy`:
 * CloudFormation, Athena, the console's own back end), else `caller`.
 *
 * @see https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html
 */
export type CallerKind = 'service' | 'forwarded' | 'caller';

/** See {@link CallerKind}. */
export function callerKindOf(event: CloudTrailEvent): CallerKind {
  if (event.eventType === 'AwsServiceEvent') return 'service';
  const identity = event.userIdentity;
  const type = readString(identity, 'type');
  if (type === 'AWSService') return 'service';
  if (type === 'AssumedRole' && isServiceLinked(identity)) return 'service';
  return readString(identity, 'invokedBy') === undefined ? 'caller' : 'forwarded';
}

/** Only AWS can create a role under this path, and only its service can assume it. */
function isServiceLinked(identity: unknown): boolean {
  const issuer = readMember(readMember(identity, 'sessionContext'), 'sessionIssuer');
  const arn = readString(issuer, 'arn');
  return arn?.includes(':role/aws-service-role/') === true;
}
