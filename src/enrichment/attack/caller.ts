import type { CloudTrailEvent } from '../../cloudtrail/event.ts';

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
  const { caller } = event;
  if (caller === undefined) return 'caller';
  if (caller.type === 'AWSService' || caller.isServiceLinked) return 'service';
  return caller.invokedBy === undefined ? 'caller' : 'forwarded';
}
