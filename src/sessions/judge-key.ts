import { type AddressKnowledge, strongest } from './fidelity.ts';
import type { SessionRecord } from './session-record.ts';
import { sourceOfText } from './source.ts';
import { fidelityOf, type Verdict } from './verdict.ts';

/**
 * The verdict on all that is known of a key, without an event: as suspicious as its most suspicious
 * source.
 *
 * @param record the record that holds the sources: the key's own, or its workload's session
 */
export function judgeKey(key: SessionRecord, record: SessionRecord, known: AddressKnowledge): Verdict {
  const home = sourceOfText(key.issue?.origin.source);
  const workload = key.workload !== undefined;
  const foreign = record.sources.filter(({ source }) => home === undefined || source.text !== home.text);
  if (home !== undefined && foreign.length === 0) {
    return record.sources.length > 0
      ? { verdict: 'same_source' }
      : { verdict: 'unknown', reason: 'not_used' };
  }
  if (home === undefined && record.sources.length < 2) {
    const reason = key.issue === undefined ? 'issue_unknown' : 'issued_by_service';
    return { verdict: 'unknown', reason };
  }
  const fidelity = foreign
    .map((uses) => fidelityOf(uses, key, record, workload, known) ?? 'low')
    .reduce(strongest, 'low');
  return { verdict: home === undefined ? 'multiple_sources' : 'different_source', fidelity };
}
