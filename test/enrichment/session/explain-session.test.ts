import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runSlices } from '../../../src/cloudtrail/decode.ts';
import { eventFromObject } from '../../../src/cloudtrail/event.ts';
import { explainSession, type SessionExplanation } from '../../../src/enrichment/session/explain-session.ts';
import { sessionContributions } from '../../../src/enrichment/session/record-operations.ts';
import type { AddressKnowledge } from '../../../src/sessions/fidelity.ts';
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

for (const { name, facts, home, foreign, known } of [
  {
    name: "a network of the company's, used from",
    facts: ['trusted_network'],
    home: '198.51.100.7',
    foreign: '203.0.113.9',
    known: { trustedNetwork: (ip: string) => ip === '203.0.113.9' },
  },
  {
    name: "a network of the company's, issued in",
    facts: ['other_side_trusted'],
    home: '198.51.100.7',
    foreign: '203.0.113.9',
    known: { trustedNetwork: (ip: string) => ip === '198.51.100.7' },
  },
  {
    name: 'one autonomous system',
    facts: ['same_autonomous_system'],
    home: '198.51.100.7',
    foreign: '203.0.113.9',
    known: { asn: () => 64_496 },
  },
  {
    name: "an autonomous system of Amazon's, which explains nothing",
    facts: [],
    home: '198.51.100.7',
    foreign: '203.0.113.9',
    known: { asn: () => 16_509 },
  },
  {
    name: "AWS's ranges, used outside",
    facts: ['outside_aws_beside_inside'],
    home: '198.51.100.7',
    foreign: '203.0.113.9',
    known: { awsNetwork: (ip: string) => ip === '198.51.100.7' },
  },
  {
    name: "AWS's ranges, used inside",
    facts: ['inside_aws_beside_outside'],
    home: '198.51.100.7',
    foreign: '203.0.113.9',
    known: { awsNetwork: (ip: string) => ip === '203.0.113.9' },
  },
]) {
  test(`says what the verdict rests on of ${name}`, async () => {
    const story: Story = [{ issue: { key: 'K', source: home } }, { use: { key: 'K', source: foreign } }];

    const { use } = await explainLast(story, known);

    assert.deepEqual(use?.rests_on, ['source_ip_differs', 'network_differs', ...facts]);
  });
}

test('says that no record answered when the store knows nothing', () => {
  const observation = observeSession(eventFromObject(useRecord({ key: 'K', source: '203.0.113.9' })));

  const { use } = explainSession(observation, new Map());

  assert.equal(use?.answered_by, 'none');
  assert.equal(use?.sources, 0);
  assert.equal(use?.compared_with, 'nothing');
});

async function explainLast(story: Story, known: AddressKnowledge = {}): Promise<SessionExplanation> {
  const store = createMemoryStore({ maxBytes: 1e7, now: () => 0 });
  let explanation: SessionExplanation = {};
  for (const part of story) {
    const observation = observeSession(eventFromObject(recordOf(part)));
    const { records } = await store.exchange(runSlices(sessionContributions([{ session: observation }])));
    explanation = explainSession(observation, records, known);
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
