import { IDENTITY_EVENTS } from './iam-events.ts';
import type { PolicyEvent } from './policy-event.ts';
import { RESOURCE_EVENTS } from './resource-events.ts';
import { STATEMENT_EVENTS } from './statement-events.ts';

/** Events by name; names such as `PutResourcePolicy` and `CreatePolicy` belong to several services. */
const TABLE: ReadonlyMap<string, readonly PolicyEvent[]> = buildTable([
  ...IDENTITY_EVENTS,
  ...RESOURCE_EVENTS,
  ...STATEMENT_EVENTS,
]);

/** Every event of the table, for documentation and tests. */
export const POLICY_EVENTS: readonly PolicyEvent[] = [...TABLE.values()].flat();

/** What an event does to a policy, or undefined for the 99 of 100 that touch none: one look-up. */
export function findPolicyEvent(
  eventSource: string | undefined,
  eventName: string | undefined,
): PolicyEvent | undefined {
  if (eventName === undefined) return undefined;
  const rows = TABLE.get(eventName);
  return rows?.find((row) => row.source === eventSource);
}

function buildTable(rows: readonly PolicyEvent[]): ReadonlyMap<string, readonly PolicyEvent[]> {
  const table = new Map<string, PolicyEvent[]>();
  for (const row of rows) {
    const named = table.get(row.name);
    if (named === undefined) table.set(row.name, [Object.freeze(row)]);
    else if (!named.some((other) => other.source === row.source)) named.push(Object.freeze(row));
  }
  return table;
}
