import type { Contribution, Store, StoredRecord } from '../store/port.ts';
import type { SessionEnrichment } from './output.ts';
import type { PolicyContext } from './policy/context.ts';
import {
  answerPolicyQuery,
  type PolicyKnown,
  type PolicyQuery,
  policyQueryReads,
} from './policy/read-policy.ts';
import { describedReads } from './session/ancestors.ts';
import { describeSession } from './session/describe-session.ts';
import type { SessionOptions } from './session.ts';

/** Questions about remembered state: reads of the store, then the pure answer. */

/** Rounds of reads a question may take: a key, its chain's ancestors. */
const MAX_ROUNDS = 4;

/** What is known of a policy, or undefined. */
export async function readPolicy(
  query: PolicyQuery,
  store: Store,
  policies: PolicyContext,
): Promise<PolicyKnown | undefined> {
  const records = new Map<string, StoredRecord>();
  await readInto(records, policyQueryReads(query, undefined, policies), store);
  await readInto(records, policyQueryReads(query, records, policies), store);
  return answerPolicyQuery(query, records, policies);
}

/** What is known of a temporary key, or undefined. */
export async function readSessionOf(
  accessKeyId: string,
  store: Store,
  addresses: Omit<SessionOptions, 'degraded'>,
): Promise<SessionEnrichment | undefined> {
  const records = new Map<string, StoredRecord>();
  const asked = new Set<string>();
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const reads = describedReads(accessKeyId, records, asked);
    if (reads.length === 0) break;
    await readInto(records, reads, store);
  }
  return describeSession(accessKeyId, records, addresses);
}

async function readInto(
  records: Map<string, StoredRecord>,
  reads: readonly Contribution[],
  store: Store,
): Promise<void> {
  if (reads.length === 0) return;
  const answer = await store.exchange(reads);
  for (const [key, record] of answer.records) records.set(key, record);
}
