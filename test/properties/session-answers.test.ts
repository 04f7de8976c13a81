import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decode, runSlices } from '../../src/cloudtrail/decode.ts';
import type { CloudTrailEvent } from '../../src/cloudtrail/event.ts';
import { ancestorReads } from '../../src/enrichment/session/ancestors.ts';
import { sessionContributions } from '../../src/enrichment/session/record-operations.ts';
import { enrichSession } from '../../src/enrichment/session.ts';
import { observeSession } from '../../src/sessions/observe.ts';
import { createMemoryStore } from '../../src/store/memory-store.ts';
import type { StoredRecord } from '../../src/store/port.ts';
import { LIMITS } from '../helpers/decode-cases.ts';
import { sessionLogs } from './session-logs.ts';

/*
 * Session answers are kept across events and batches. Here every one is compared with what the same
 * records say when nothing was kept: copies that no answer was ever made from.
 */

test('an answer that was kept is the one that its records give', () => {
  fc.assert(
    fc.property(sessionLogs, fc.boolean(), (logs, withSources) => {
      const store = createMemoryStore({ maxBytes: 1e7, now: () => 1 });
      const options = { degraded: false, withSources };
      for (const log of logs) {
        const observations = eventsOf(log).map((event) => ({ event, session: observeSession(event) }));
        const records = store.exchangeNow(runSlices(sessionContributions(observations)));
        const asked = new Set<string>();
        for (let reads = ancestorReads(observations, records, asked); reads.length > 0; ) {
          for (const [key, read] of store.exchangeNow(reads)) records.set(key, read);
          reads = ancestorReads(observations, records, asked);
        }
        for (const { event, session } of observations) {
          const kept = enrichSession(event, session, records, options);
          assert.deepEqual(kept, enrichSession(event, session, copyOf(records), { ...options }));
        }
      }
    }),
    { numRuns: 400 },
  );
});

/** Over bytes, as in a request: equal identities are the identical caller. */
function eventsOf(log: readonly object[]): CloudTrailEvent[] {
  const decoded = runSlices(decode(Buffer.from(JSON.stringify({ Records: log })), 'never', LIMITS));
  assert.ok(decoded.ok);
  return decoded.documents.flatMap(({ entries }) =>
    entries.flatMap(({ event }) => (event === undefined ? [] : [event])),
  );
}

function copyOf(records: ReadonlyMap<string, StoredRecord>): Map<string, StoredRecord> {
  return new Map([...records].map(([key, merged]) => [key, new Map(merged)]));
}
