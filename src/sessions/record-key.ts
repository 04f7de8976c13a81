import { hash } from 'node:crypto';
import { boundedMemo } from './bounded-memo.ts';

/** A temporary key lives 12 hours (roles) to 36 hours (session tokens); its record as long. */
export const KEY_RECORD_TTL_MS = 36 * 3_600_000;
/** An instance's session is known by the address it works from, for as long as that stays so. */
export const WORKLOAD_RECORD_TTL_MS = 30 * 24 * 3_600_000;

/**
 * The store's key for a temporary access key: 128 bits of SHA-256, since a table of key ids is worth
 * stealing. Undefined for what is no temporary key (`AKIA…`) and for masked ones (`ASIA****`).
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids
 */
export function keyRecordKey(accessKeyId: string | undefined): string | undefined {
  if (accessKeyId === undefined || accessKeyId.length > LONGEST_KEY_ID) return undefined;
  return keyRecord(accessKeyId) || undefined;
}

/**
 * The store's key for a workload's session (`AROA…:i-0abc…`), when the principal id names one: an EC2
 * instance, an ECS task or an EKS pod. Such a session outlives its keys and may hold two at once.
 *
 * @param delivered whether the record says how the key was delivered to an instance (`ec2RoleDelivery`)
 */
export function workloadRecordKey(principalId: string | undefined, delivered: boolean): string | undefined {
  if (principalId === undefined || principalId.length > LONGEST_PRINCIPAL_ID) return undefined;
  const pattern = delivered ? ROLE_SESSION : WORKLOAD_SESSION;
  return pattern.test(principalId) ? `workload:${digest(principalId)}` : undefined;
}

const LONGEST_KEY_ID = 64;
const LONGEST_PRINCIPAL_ID = 160;
const TEMPORARY_KEY = /^ASIA[A-Z0-9]{12,60}$/;
/** A role's unique id, then the session's name. */
const ROLE_SESSION = /^A[A-Z0-9]{15,60}:./;

/** An instance id, an ECS task id, or EKS pod identity's `eks-<cluster>-<pod>-<uuid>`. */
const WORKLOAD_SESSION =
  /^A[A-Z0-9]{15,60}:(?:i-[0-9a-f]{8,17}|[0-9a-f]{32}|eks-.{1,80}-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$/;

// Empty for what has no record: that too is worth remembering.
const keyRecord = boundedMemo(8192, (id) => (TEMPORARY_KEY.test(id) ? `key:${digest(id)}` : ''));

function digest(text: string): string {
  return hash('sha256', text, 'base64url').slice(0, 22);
}
