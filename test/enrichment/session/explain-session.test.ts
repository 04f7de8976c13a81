import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventFromObject } from '../../../src/cloudtrail/event.ts';
import { explainSession, type SessionExplanation } from '../../../src/enrichment/session/explain-session.ts';
import { sessionContributions } from '../../../src/enrichment/session/record-operations.ts';
import { observeSession } from '../../../src/sessions/observe.ts';
import { createMemoryStore } from '../../../src/store/memory-store.ts';
import { readCases } from '../../read-cases.ts';
import { issueRecord, keyId, serviceIssueRecord, useRecord } from '../../sessions/records.ts';

/** Records in the order of arrival; the last one is explained. */
type Story = readonly (
  | { readonly issue: Parameters<typeof issueRecord>[0] }
  | { readonly service_issue: Parameters<typeof serviceIssueRecord>[0] }
  | { readonly use: Parameters<typeof useRecord>[0] }
  | { readonly record: Record<string, unknown> }
)[];

const SHORT_HASH = /^[-_0-9A-Za-z]{6}$/;

for (const { name, why, input, expected } of readCases<Story, object>('sessions/explain.json')) {
  test(`explains ${name}`, async () => {
    const explanation = await explainLast(input);

    assert.deepEqual(withoutNames(explanation), expected, why);
    const text = JSON.stringify(explanation);
    for (const secret of [keyId('K'), keyId('C'), 'AKIA', 'hidden']) {
      assert.ok(!text.includes(secret), `${secret} is in ${text}`);
    }
  });
}

test('names the records of one key and of two keys by hashes that tell them apart', async () => {
  const issue = { issue: { key: 'K', source: '198.51.100.7' } } as const;

  const issued = await explainLast([issue]);
  const used = await explainLast([issue, { use: { key: 'K', source: '198.51.100.7' } }]);
  const other = await explainLast([{ use: { key: 'OTHER', source: '198.51.100.7' } }]);

  assert.match(issued.issue?.record ?? '', SHORT_HASH);
  assert.equal(used.use?.record, issued.issue?.record);
  assert.equal(used.use?.issue.record, issued.issue?.record);
  assert.notEqual(other.use?.record, used.use?.record);
});

test('says that no record answered when the store knows nothing', () => {
  const observation = observeSession(eventFromObject(useRecord({ key: 'K', source: '203.0.113.9' })));

  const { use } = explainSession(observation, new Map());

  assert.equal(use?.answered_by, 'none');
  assert.equal(use?.sources, 0);
  assert.equal(use?.compared_with, 'nothing');
});

async function explainLast(story: Story): Promise<SessionExplanation> {
  const store = createMemoryStore({ maxBytes: 1e7, now: () => 0 });
  let explanation: SessionExplanation = {};
  for (const part of story) {
    const observation = observeSession(eventFromObject(recordOf(part)));
    const { records } = await store.exchange(sessionContributions([observation]));
    explanation = explainSession(observation, records);
  }
  return explanation;
}

/** The explanation without hashes and sentences, which cases do not repeat. */
function withoutNames(explanation: SessionExplanation): unknown {
  return JSON.parse(JSON.stringify(explanation), (key, value: unknown) =>
    key === 'record' || key === 'because' ? undefined : value,
  );
}

function recordOf(part: Story[number]): Record<string, unknown> {
  if ('issue' in part) return issueRecord(part.issue);
  if ('service_issue' in part) return serviceIssueRecord(part.service_issue);
  return 'use' in part ? useRecord(part.use) : part.record;
}
