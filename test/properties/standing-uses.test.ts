import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { Lane } from '../../src/enrichment/lane.ts';
import { enrichBody, type PipelineDependencies } from '../../src/enrichment/pipeline.ts';
import { createMemoryStore, type MemoryStore } from '../../src/store/memory-store.ts';
import type { LocalStore } from '../../src/store/port.ts';
import { RecordGenerator } from '../bench/generate.ts';
import { LIMITS } from '../helpers/decode-cases.ts';
import { openSnapshots } from '../helpers/open-snapshots.ts';
import { sessionLogs } from './session-logs.ts';

/*
 * A use that goes on as it did is merged at once and answered from memory. Here the same log goes through a
 * store that is asked for everything, as a shared one is.
 */

const OPTIONS = { output: 'merge', profile: 'standard', ecs: true, explain: false } as const;
const { snapshot, close } = await openSnapshots();
after(close);

/** A mark changes what follows a record's session in the same way for both: accounts called, regions, outcomes. */
const mark = fc.record(
  {
    recipientAccountId: fc.constantFrom('111122223333', '444455556666'),
    awsRegion: fc.constantFrom('us-east-1', 'eu-west-1', 'nowhere'),
    eventName: fc.constantFrom('DescribeInstances', 'GetObject', 'AssumeRole'),
    errorCode: fc.constantFrom('AccessDenied'),
    vpcEndpointId: fc.constantFrom('vpce-0123456789abcdef0'),
  },
  { requiredKeys: [] },
);
const marked = sessionLogs.chain((logs) =>
  fc
    .array(mark, { minLength: 1, maxLength: 8 })
    .map((marks) => logs.map((log, batch) => log.map((record, at) => mix(record, marks, batch + at)))),
);

test('a use that goes on is answered and remembered as if it had been exchanged', async () => {
  let standing = 0;
  await fc.assert(
    fc.asyncProperty(marked, async (logs) => {
      const one = createMemoryStore({ maxBytes: 1e7, now: () => 1 });
      const other = createMemoryStore({ maxBytes: 1e7, now: () => 1 });
      const counted = watched(one);
      for (const log of logs) {
        const body = Buffer.from(JSON.stringify({ Records: log }));
        const answer = await textOf(body, { store: one, local: counted.local });
        assert.equal(answer, await textOf(body, { store: other }));
      }
      assert.deepEqual(contentOf(one, counted.keys), contentOf(other, counted.keys));
      assert.equal(one.bytes, other.bytes);
      standing += counted.renewals();
    }),
    { numRuns: 300 },
  );
  assert.ok(standing > 100, `${standing} uses went on as they did`);
});

test('a record by itself is answered and remembered without the stages as with them', async () => {
  const kinds = new Set<unknown>();
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1 }), marked, async (seed, logs) => {
      const one = createMemoryStore({ maxBytes: 1e7, now: () => 1 });
      const other = createMemoryStore({ maxBytes: 1e7, now: () => 1 });
      const counted = watched(one);
      const generator = new RecordGenerator(seed);
      const generated = Array.from({ length: RECORDS }, () => generator.next());
      for (const text of [...generated, ...logs.flat().map((record) => JSON.stringify(record))]) {
        kinds.add((JSON.parse(text) as { eventName?: unknown }).eventName);
        // Twice, so that uses go on.
        for (let sending = 0; sending < 2; sending++) {
          const answer = await textOf(Buffer.from(text), { store: one, local: counted.local });
          assert.equal(answer, await textOf(Buffer.from(text), { store: other }));
        }
      }
      assert.deepEqual(contentOf(one, counted.keys), contentOf(other, counted.keys));
      assert.equal(one.bytes, other.bytes);
    }),
    { numRuns: 20 },
  );
  for (const kind of ['AssumeRole', 'CreatePolicy', 'AttachUserPolicy', 'ConsoleLogin']) {
    assert.ok(kinds.has(kind), `there was a record of ${kind}`);
  }
});

const RECORDS = 100;

function mix(record: object, marks: readonly object[], at: number): object {
  const isIssue = 'responseElements' in record;
  return isIssue ? record : { ...record, ...marks[at % marks.length] };
}

async function textOf(body: Buffer, stores: Pick<PipelineDependencies, 'store' | 'local'>): Promise<string> {
  const result = await enrichBody(body, 'never', OPTIONS, {
    ...stores,
    snapshot,
    limits: LIMITS,
    allocate: Buffer.allocUnsafe,
    batches: new Lane(1),
    files: new Lane(1),
    monotonic: () => 1,
    events: {
      record: () => {},
      refused: () => {},
      batch: () => {},
      phase: () => {},
      wanted: () => {},
      fault: (error) => {
        throw error;
      },
    },
  });
  assert.ok(result.ok);
  return Buffer.concat(result.chunks).toString();
}

/** The store's own doors, watched. */
function watched(store: MemoryStore) {
  const keys = new Set<string>();
  let renewals = 0;
  const local: LocalStore = {
    begin: store.begin,
    hold: (key) => {
      const held = store.hold(key);
      return (
        held && {
          get record() {
            return held.record;
          },
          get revision() {
            return held.revision;
          },
          member: (group, member) => held.member(group, member),
          renew: (now, ttlMs) => {
            renewals++;
            return held.renew(now, ttlMs);
          },
        }
      );
    },
    exchangeNow: (contributions) => {
      for (const { key } of contributions) keys.add(key);
      return store.exchangeNow(contributions);
    },
  };
  return { keys, local, renewals: () => renewals };
}

function contentOf(store: MemoryStore, keys: ReadonlySet<string>): unknown {
  return [...keys].sort().map((key) => [key, [...(store.read(key) ?? [])].sort()]);
}
