import type { AddressKnowledge } from '../../sessions/fidelity.ts';
import { judgeKey } from '../../sessions/judge-key.ts';
import { keyRecordKey } from '../../sessions/record-key.ts';
import type { StoredRecord } from '../../store/port.ts';
import type { SessionEnrichment } from '../output.ts';
import { sessionAt } from './read-record.ts';
import { originOutput, putChain, putSources, putVerdict, type SessionDraft } from './session-output.ts';

/**
 * All that is known of a temporary key: its origin, chain, human, sources and the verdict on them. Undefined
 * when nothing is known, or when `accessKeyId` is no temporary key.
 *
 * @param records what the reads of `describedReads` answered
 */
export function describeSession(
  accessKeyId: string,
  records: ReadonlyMap<string, StoredRecord>,
  known: AddressKnowledge,
): SessionEnrichment | undefined {
  const recordOf = (at: string) => sessionAt(records, at);
  const recordKey = keyRecordKey(accessKeyId);
  const key = recordKey === undefined ? undefined : recordOf(recordKey);
  if (recordKey === undefined || key === undefined) return undefined;
  const workload = key.workload === undefined ? undefined : recordOf(key.workload);
  const record = key.workload === undefined ? key : workload;
  const draft: SessionDraft = { status: key.issue === undefined ? 'unlinked' : 'linked' };
  if (record !== undefined) putVerdict(draft, judgeKey(key, record, known));
  if (key.issue !== undefined) draft.origin = originOutput(key.issue);
  putChain(draft, recordKey, recordOf, { sessionName: key.issue?.origin.sessionName }, undefined);
  if (record !== undefined) putSources(draft, key, record, key.workload !== undefined, known);
  return draft;
}
