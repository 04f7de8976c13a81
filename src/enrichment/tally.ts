import type { Tally } from './pipeline.ts';
import { SECTIONS, type Sections } from './serialize.ts';

/** Counts one enriched record into its batch's tally. */
export function tallySections(tally: Tally, sections: Sections): void {
  tally.records++;
  for (const name of SECTIONS) {
    if (sections[name] !== undefined) add(tally.sections, name);
  }
  const { action, tool, session, policy } = sections;
  if (sections.degraded !== undefined) tally.degraded++;
  if (action?.resolved_by === 'inferred') tally.unknownOperations++;
  if (tool === undefined) tally.unknownAgents++;
  if (session?.verdict !== undefined) {
    add(tally.verdicts, `${session.verdict} ${session.late === undefined ? 'false' : 'true'}`);
  }
  if (policy !== undefined) {
    add(tally.policies, policy.status);
    for (const [type, count] of Object.entries(policy.counts ?? {})) add(tally.findings, type, count);
  }
}

function add<Key>(counts: Map<Key, number>, key: Key, count = 1): void {
  counts.set(key, (counts.get(key) ?? 0) + count);
}
