import type { MemberIndex } from './member-index.ts';
import { MEMBER } from './member-names.ts';
import type { RecordErrorCode } from './record-error.ts';

/** What an object of the received bytes is, told by the members it has (the table of DESIGN 4.1). */

const COLON = 0x3a;

/** True for a CloudTrail record, whole or not; false for notifications and for custom events. */
export function isRecord(index: MemberIndex, row: number): boolean {
  const looksLikeOne =
    index.has(row, MEMBER.eventName) ||
    index.has(row, MEMBER.eventSource) ||
    index.has(row, MEMBER.eventVersion);
  if (!looksLikeOne || isNotification(index, row)) return false;
  return !index.has(row, MEMBER.UID) || index.has(row, MEMBER.eventVersion);
}

/** What kind of known non-record the object is, if any. */
export function knownStranger(index: MemberIndex, row: number): RecordErrorCode | undefined {
  if (index.has(row, MEMBER.digestS3Object)) return 'digest_file';
  if (index.has(row, MEMBER.UID) && index.has(row, MEMBER.version)) return 'custom_event';
  return undefined;
}

/** `aws:sqs`, `aws:s3`: what Lambda and S3 name as source. CloudTrail names hosts. */
function isNotification(index: MemberIndex, row: number): boolean {
  const { bytes } = index.scanner;
  const start = index.valueStart(row, MEMBER.eventSource);
  return (
    start !== 0 && bytes[start + 4] === COLON && bytes.toString('latin1', start + 1, start + 4) === 'aws'
  );
}
