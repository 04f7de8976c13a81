import { createContextSource } from '../../src/context/context-source.ts';
import { createPolicyContext } from '../../src/enrichment/policy/context.ts';
import type { Snapshot } from '../../src/enrichment/snapshot.ts';
import { loadKnowledge } from '../../src/wiring/load-knowledge.ts';
import { pinnedSnapshots } from '../../src/wiring/open-context.ts';

/** What the pipeline knows without a company's files, for what runs it without a service around it. */
export async function openSnapshots(): Promise<{
  readonly snapshot: () => Snapshot;
  readonly close: () => Promise<void>;
}> {
  const knowledge = loadKnowledge('19.1');
  const policies = createPolicyContext({ knowledge: knowledge.policy, managed: knowledge.managedPolicies });
  const source = await createContextSource({
    vendorsEnabled: true,
    data: knowledge.context,
    log: { info: () => {}, warn: () => {} },
  });
  return { snapshot: pinnedSnapshots(knowledge, policies, source), close: () => source.close() };
}
