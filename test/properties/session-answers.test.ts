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
import { issueRecord, serviceIssueRecord, useRecord } from '../sessions/records.ts';

/*
 * Session answers are kept across events and batches. Here every one is compared with what the same
 * records say when nothing was kept: copies that no answer was ever made from.
 */

const SESSION = 'i-0123456789abcdef0';
const address = fc.integer({ min: 1, max: 2 }).map((last) => `198.51.100.${last}`);
const time = fc.constantFrom('2024-05-06T09:00:00Z', '2024-05-06T09:30:00Z', '2024-05-09T09:00:00Z');
/** What differs between two callers of one key: nothing that a trail shows, all that a forged one may. */
const identity = fc.constantFrom(
  {},
  { arn: 'arn:aws:sts::111122223333:assumed-role/admin/eve@example.com' },
  // Such a use is compared with the key's issue and not remembered.
  { type: 'IAMUser' },
);

const record = fc.oneof(
  { weight: 1, arbitrary: address.map((source) => issueRecord({ key: 'HUMAN', source })) },
  {
    weight: 1,
    arbitrary: address.map((source) => issueRecord({ key: 'CHAINED', source, callerKey: 'HUMAN' })),
  },
  {
    weight: 1,
    arbitrary: fc.constant(
      serviceIssueRecord({ key: 'INSTANCE', service: 'ec2.amazonaws.com', session: SESSION }),
    ),
  },
  {
    weight: 6,
    arbitrary: fc
      .record({
        key: fc.constantFrom('HUMAN', 'CHAINED', 'INSTANCE'),
        source: address,
        time,
        agent: fc.constantFrom('aws-cli/2.15.0', 'Boto3/1.34.84'),
        number: fc.nat(5),
        forged: identity,
      })
      .map(({ forged, number, ...parts }) => {
        const session = parts.key === 'INSTANCE' ? SESSION : 'work';
        const made = useRecord({ ...parts, session, id: `use-${number}` });
        return { ...made, userIdentity: { ...(made['userIdentity'] as object), ...forged } };
      }),
  },
);
/** Batches of few records that come again and again: most of them change nothing, and some one thing. */
const batches = fc.array(record, { minLength: 3, maxLength: 12 }).chain((pool) =>
  fc.array(fc.array(fc.constantFrom(...pool), { minLength: 1, maxLength: 4 }), {
    minLength: 4,
    maxLength: 16,
  }),
);

test('an answer that was kept is the one that its records give', () => {
  fc.assert(
    fc.property(batches, fc.boolean(), (logs, withSources) => {
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
