import { eventFromObject } from '../../../src/cloudtrail/event.ts';
import type { JsonObject } from '../../../src/cloudtrail/json.ts';
import { createPolicyContext, type PolicyContext } from '../../../src/enrichment/policy/context.ts';
import {
  enrichPolicy,
  followPolicy,
  observePolicy,
  type PolicyResult,
} from '../../../src/enrichment/policy.ts';
import { loadManagedPolicies } from '../../../src/knowledge/managed-policies.ts';
import { loadPolicyKnowledge } from '../../../src/knowledge/policy-knowledge.ts';
import { createMemoryStore } from '../../../src/store/memory-store.ts';
import type { Contribution, Store, StoredRecord } from '../../../src/store/port.ts';

const knowledge = loadPolicyKnowledge();
const managed = loadManagedPolicies(knowledge);

/** A fresh context, as one replica has it. */
export function freshContext(): PolicyContext {
  return createPolicyContext({ knowledge, managed });
}

export function freshStore(): Store {
  return createMemoryStore({ maxBytes: 64 * 1024 * 1024, now: () => 0 });
}

/** The policy part of the pipeline: observe all, exchange, follow twice, enrich all. */
export async function runBatch(
  records: readonly JsonObject[],
  store: Store,
  context: PolicyContext,
): Promise<PolicyResult[]> {
  const observations = records.map((record) => observePolicy(eventFromObject(record), context));
  const known = new Map<string, StoredRecord>();
  const exchange = async (contributions: readonly Contribution[]): Promise<void> => {
    if (contributions.length === 0) return;
    for (const [key, record] of (await store.exchange(contributions)).records) known.set(key, record);
  };
  await exchange(observations.flatMap((observation) => observation.contributions));
  for (const round of [1, 2] as const) {
    await exchange(observations.flatMap((observation) => followPolicy(observation, known, context, round)));
  }
  return observations.map((observation) => enrichPolicy(observation, known, context));
}

/** Every record of the store that starts with `policy` keys, read through contributions without operations. */
export async function readRecords(
  keys: readonly string[],
  store: Store,
): Promise<Record<string, Record<string, string>>> {
  const reads = keys.map((key) => ({ key, ttlMs: 1, operations: [] }));
  const { records } = await store.exchange(reads);
  return Object.fromEntries([...records].map(([key, record]) => [key, Object.fromEntries(record)]));
}
