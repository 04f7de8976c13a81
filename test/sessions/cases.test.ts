import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventFromObject } from '../../src/cloudtrail/event.ts';
import { sessionSchema } from '../../src/enrichment/output.ts';
import { createMemoryStore } from '../../src/store/memory-store.ts';
import { readCases } from '../read-cases.ts';
import { enrichBatch } from './mini-pipeline.ts';
import { issueRecord, serviceIssueRecord, useRecord } from './records.ts';

/** A story: records by maker, each a batch of its own, then what the last of them is answered. */
type Story = {
  readonly records: readonly (
    | { readonly issue: Parameters<typeof issueRecord>[0] }
    | { readonly service_issue: Parameters<typeof serviceIssueRecord>[0] }
    | { readonly use: Parameters<typeof useRecord>[0] }
    | { readonly record: Record<string, unknown> }
  )[];
  readonly trusted?: readonly string[];
  readonly asn?: { readonly [address: string]: number };
  readonly aws?: { readonly [address: string]: boolean };
};

for (const file of ['verdicts', 'workloads', 'not-applicable', 'humans']) {
  for (const { name, input, expected } of readCases<Story, Record<string, unknown>>(
    `sessions/${file}.json`,
  )) {
    test(name, async () => {
      const store = createMemoryStore({ maxBytes: 1e7, now: () => 0 });
      const trusted = new Set(input.trusted);
      const asn = new Map(Object.entries(input.asn ?? {}));
      const aws = new Map(Object.entries(input.aws ?? {}));
      const options = {
        trustedNetwork: (ip: string) => trusted.has(ip),
        asn: (ip: string) => asn.get(ip),
        awsNetwork: (ip: string) => aws.get(ip),
      };

      let last: unknown;
      for (const part of input.records) {
        const { answers } = await enrichBatch(store, [eventFromObject(recordOf(part))], options);
        [last] = answers;
        sessionSchema.parse(last);
      }

      for (const [field, value] of Object.entries(expected)) {
        assert.deepEqual((last as Record<string, unknown>)[field] ?? 'absent', value, field);
      }
    });
  }
}

function recordOf(part: Story['records'][number]): Record<string, unknown> {
  if ('issue' in part) return issueRecord(part.issue);
  if ('service_issue' in part) return serviceIssueRecord(part.service_issue);
  return 'use' in part ? useRecord(part.use) : part.record;
}
