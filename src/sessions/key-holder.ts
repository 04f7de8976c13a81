import type { Caller } from '../cloudtrail/caller.ts';
import type { NotApplicable } from './observation.ts';
import { keyRecordKey, workloadRecordKey } from './record-key.ts';

/** What a caller's identity says of the temporary key it calls with: the same for all its events. */
export type KeyHolder = {
  /** Record key of the access key. */
  readonly key: string;
  /** Record key of the workload's session, when it is one. */
  readonly workload: string | undefined;
  /** An assumed role, a federated user or a root session: only their keys have an issuing event in the trail. */
  readonly followed: boolean;
  /** `1` (IMDSv1) or `2` (IMDSv2), or nothing. */
  readonly delivery: string;
};

/** The holder of a temporary key, or why a caller is none. */
export function keyHolderOf(caller: Caller): KeyHolder | NotApplicable {
  const { type, accessKeyId, principalId, ec2RoleDelivery } = caller;
  if (type === 'AWSService') return 'aws_service';
  // A service that calls on with the caller's session: its address is not where the key is.
  if (caller.hasInvokedBy) return 'forward_access';
  const key = keyRecordKey(accessKeyId);
  if (key === undefined) return accessKeyId?.startsWith('AKIA') ? 'long_term_key' : 'no_temporary_key';
  const isRole = type === 'AssumedRole';
  return {
    key,
    workload: isRole ? workloadRecordKey(principalId, ec2RoleDelivery !== undefined) : undefined,
    followed: isRole || type === 'FederatedUser' || caller.isAssumedRoot,
    delivery: ec2RoleDelivery === '1.0' ? '1' : ec2RoleDelivery === '2.0' ? '2' : '',
  };
}
