import { runSlices } from '../../src/cloudtrail/decode.ts';
import type { CloudTrailEvent } from '../../src/cloudtrail/event.ts';
import type { SessionEnrichment } from '../../src/enrichment/output.ts';
import { ancestorReads } from '../../src/enrichment/session/ancestors.ts';
import { sessionContributions } from '../../src/enrichment/session/record-operations.ts';
import { enrichSession, type SessionOptions } from '../../src/enrichment/session.ts';
import { observeSession } from '../../src/sessions/observe.ts';
import type { Store, StoredRecord } from '../../src/store/port.ts';

/** What the pipeline does with a batch, for the sessions alone. */
export async function enrichBatch(
  store: Store,
  events: readonly CloudTrailEvent[],
  options: Omit<SessionOptions, 'degraded'> = {},
): Promise<{ readonly answers: readonly (SessionEnrichment | undefined)[]; readonly degraded: boolean }> {
  const observations = events.map((event) => observeSession(event));
  const sessions = observations.map((session) => ({ session }));
  const exchanged = await store.exchange(runSlices(sessionContributions(sessions)));
  const records = new Map<string, StoredRecord>(exchanged.records);
  let { degraded } = exchanged;
  const asked = new Set<string>();
  for (let round = 0; round < 3; round += 1) {
    const reads = ancestorReads(sessions, records, asked);
    if (reads.length === 0) break;
    const more = await store.exchange(reads);
    degraded ||= more.degraded;
    for (const [key, record] of more.records) records.set(key, record);
  }
  const batchOptions = { ...options, degraded };
  const answers = events.map((event, index) => {
    const observation = observations[index];
    return observation === undefined ? undefined : enrichSession(event, observation, records, batchOptions);
  });
  return { answers, degraded };
}
