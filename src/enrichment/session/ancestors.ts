import { missingAncestor } from '../../sessions/chain.ts';
import type { SessionObservation } from '../../sessions/observation.ts';
import { KEY_RECORD_TTL_MS, keyRecordKey } from '../../sessions/record-key.ts';
import type { Contribution, StoredRecord } from '../../store/port.ts';
import { sessionAt } from './read-record.ts';

type Records = ReadonlyMap<string, StoredRecord>;

/**
 * The reads that would carry the batch's chains one step further back; empty when they are complete.
 * Call it after the batch's exchange and again after each answer, three times at most.
 *
 * @param asked keys already asked for by an earlier call; those this call asks for are added
 */
export function ancestorReads(
  observations: readonly { readonly session: SessionObservation }[],
  records: Records,
  asked: Set<string>,
): Contribution[] {
  const reads: Contribution[] = [];
  for (const observation of observations) {
    const { use } = observation.session;
    // Nine in ten keys were issued to somebody who used no temporary key: decided by one look.
    if (use === undefined || sessionAt(records, use.key)?.issue?.origin.parent === undefined) continue;
    addMissing(use.key, records, asked, reads);
  }
  return reads;
}

/**
 * The reads that `describeSession` needs, step by step: the key's record, then its workload's session and
 * its ancestors. Empty when all is there, or when `accessKeyId` is no temporary key.
 */
export function describedReads(accessKeyId: string, records: Records, asked: Set<string>): Contribution[] {
  const reads: Contribution[] = [];
  const key = keyRecordKey(accessKeyId);
  if (key === undefined) return reads;
  addMissing(key, records, asked, reads);
  const workload = sessionAt(records, key)?.workload;
  if (workload !== undefined && !records.has(workload) && !asked.has(workload)) {
    asked.add(workload);
    reads.push({ key: workload, ttlMs: KEY_RECORD_TTL_MS, operations: [] });
  }
  return reads;
}

function addMissing(key: string, records: Records, asked: Set<string>, reads: Contribution[]): void {
  const missing = missingAncestor(
    key,
    (at) => sessionAt(records, at),
    (at) => asked.has(at) || records.has(at),
  );
  if (missing === undefined) return;
  asked.add(missing);
  reads.push({ key: missing, ttlMs: KEY_RECORD_TTL_MS, operations: [] });
}
