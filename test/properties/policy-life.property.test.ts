import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { JsonObject } from '../../src/cloudtrail/json.ts';
import {
  ADMIN,
  attachRole,
  createPolicy,
  createVersion,
  deletePolicy,
  HARMLESS,
  iamEvent,
  POLICY_ARN,
  READ_ONLY,
  setDefault,
} from '../enrichment/policy/policy-events.ts';
import { freshContext, freshStore, readRecords, runBatch } from '../enrichment/policy/policy-pipeline.ts';

const context = freshContext();
const seconds = fc.integer({ min: 0, max: 12 });
const version = fc.constantFrom('v1', 'v2', 'v3');
const document = fc.constantFrom(ADMIN, HARMLESS, READ_ONLY);

/** Any event of one policy's life, possible or not, many of them in the same second. */
const event: fc.Arbitrary<JsonObject> = fc.oneof(
  fc.tuple(seconds, document).map(([at, text]) => createPolicy(at, text)),
  fc
    .tuple(seconds, version, document, fc.boolean())
    .map(([at, id, text, isDefault]) => createVersion(at, id, text, isDefault)),
  fc.tuple(seconds, version).map(([at, id]) => setDefault(at, id)),
  seconds.map((at) => attachRole(at)),
  seconds.map((at) => deletePolicy(at)),
  fc
    .tuple(seconds, version)
    .map(([at, versionId]) => iamEvent('DeletePolicyVersion', at, { policyArn: POLICY_ARN, versionId })),
  fc
    .tuple(seconds, document)
    .map(([at, policyDocument]) =>
      iamEvent('PutRolePolicy', at, { roleName: 'app', policyName: 'p', policyDocument }),
    ),
  seconds.map((at) => iamEvent('DeleteRolePolicy', at, { roleName: 'app', policyName: 'p' })),
);

/** A story, every event with an id of its own, and two ways it may arrive. */
const arrivals = fc
  .array(event, { minLength: 1, maxLength: 12 })
  .map((story) => story.map((record, index): JsonObject => ({ ...record, eventID: `e${index}` })))
  .chain((story) =>
    fc.record({ story: fc.constant(story), first: arrivalOf(story), second: arrivalOf(story) }),
  );

test('every order, partition and repetition ends in the same records and the same answers', async () => {
  await fc.assert(
    fc.asyncProperty(arrivals, async ({ story, first, second }) => {
      assert.deepEqual(await outcome(story, first), await outcome(story, second));
    }),
    { numRuns: 300 },
  );
});

test('the order inside one request changes no answer', async () => {
  await fc.assert(
    fc.asyncProperty(arrivals, async ({ story }) => {
      const forward = await runBatch(story, freshStore(), context);
      const backward = await runBatch(story.toReversed(), freshStore(), context);
      assert.deepEqual(backward.toReversed(), forward);
    }),
    { numRuns: 200 },
  );
});

test('an attachment is answered alike when all came in time and when all is told again afterwards', async () => {
  const isDated = (record: JsonObject): boolean => record.eventName === 'AttachRolePolicy';
  await fc.assert(
    fc.asyncProperty(arrivals, async ({ story, first }) => {
      // Told in the order of time, as CloudTrail would if it were prompt.
      const ordered = story.toSorted((a, b) => String(a.eventTime).localeCompare(String(b.eventTime)));
      const prompt = freshStore();
      const answers = new Map<unknown, unknown>();
      for (const time of new Set(ordered.map((record) => record.eventTime))) {
        const batch = ordered.filter((record) => record.eventTime === time);
        const results = await runBatch(batch, prompt, context);
        batch.forEach((record, index) => {
          if (isDated(record)) answers.set(record.eventID, results[index]?.policy);
        });
      }
      const late = freshStore();
      for (const batch of first) await runBatch(batch, late, context);
      const asked = story.filter(isDated);
      const replayed = await runBatch(asked, late, context);
      asked.forEach((record, index) => {
        assert.deepEqual(replayed[index]?.policy, answers.get(record.eventID));
      });
    }),
    { numRuns: 200 },
  );
});

/** Some order of the story with repetitions, cut into requests. */
function arrivalOf(story: readonly JsonObject[]): fc.Arbitrary<JsonObject[][]> {
  return fc
    .tuple(
      fc.shuffledSubarray([...story, ...story.slice(0, 4)], {
        minLength: Math.min(story.length + 4, story.length * 2),
      }),
      fc.integer({ min: 1, max: 5 }),
    )
    .map(([records, size]) => {
      const requests: JsonObject[][] = [];
      for (let start = 0; start < records.length; start += size)
        requests.push(records.slice(start, start + size));
      return requests;
    });
}

/**
 * The records in the end and the answers to the whole story then. Notes of activations that went
 * unanswered are left out: whether one did depends on what came first, and that is their meaning.
 */
async function outcome(story: readonly JsonObject[], requests: readonly JsonObject[][]): Promise<unknown> {
  const store = freshStore();
  for (const request of requests) await runBatch(request, store, context);
  const keys = [`policy:${POLICY_ARN}`, 'inline-policy:111122223333:arn:aws:iam::111122223333:role/app|p'];
  const records = await readRecords(keys, store);
  const answers = await runBatch(story, store, context);
  for (const record of Object.values(records)) delete record.unanswered;
  return { records, answers: answers.map(({ policy }) => ({ ...policy, late: undefined })) };
}
