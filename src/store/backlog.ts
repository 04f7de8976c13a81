import type { Contribution, FieldOperation, Operation } from './port.ts';

/**
 * Contributions kept to be sent (again) to the shared store: sending one twice changes nothing. Bounded
 * in bytes; when full, the oldest keys are forgotten.
 */
export interface Backlog {
  add(contribution: Contribution): void;
  /** Takes up to `limit` keys' contributions out, the oldest first. */
  take(limit: number): Contribution[];
  /** Takes one key's contribution out; undefined when there is none. */
  takeKey(key: string): Contribution | undefined;
  readonly keys: number;
  readonly bytes: number;
  /** Keys forgotten for lack of room. */
  readonly dropped: number;
}

/** An empty {@link Backlog}. */
export function createBacklog(maxBytes: number): Backlog {
  const byKey = new Map<string, Entry>();
  let bytes = 0;
  let dropped = 0;

  const remove = (key: string, entry: Entry): void => {
    byKey.delete(key);
    bytes -= entry.bytes;
  };

  return {
    add(contribution) {
      const { key, ttlMs, operations, immutable } = contribution;
      if (operations.length === 0) return;
      const size = operations.reduce((sum, operation) => sum + sizeOf(operation), 0);
      const entry = byKey.get(key) ?? { ttlMs, operations: [], bytes: key.length + 100, immutable };
      if (!byKey.has(key)) bytes += entry.bytes;
      byKey.set(key, entry);
      entry.operations.push(...operations);
      entry.bytes += size;
      bytes += size;
      for (const [oldest, old] of byKey) {
        if (bytes <= maxBytes) break;
        remove(oldest, old);
        dropped += 1;
      }
    },
    take(limit) {
      const taken: Contribution[] = [];
      for (const [key, entry] of byKey) {
        if (taken.length >= limit) break;
        taken.push(contributionOf(key, entry));
        remove(key, entry);
      }
      return taken;
    },
    takeKey(key) {
      const entry = byKey.get(key);
      if (entry === undefined) return undefined;
      remove(key, entry);
      return contributionOf(key, entry);
    },
    get keys() {
      return byKey.size;
    },
    get bytes() {
      return bytes;
    },
    get dropped() {
      return dropped;
    },
  };
}

type Entry = {
  readonly ttlMs: number;
  readonly operations: Operation[];
  bytes: number;
  readonly immutable: boolean | undefined;
};

function contributionOf(key: string, entry: Entry): Contribution {
  const { ttlMs, operations, immutable } = entry;
  return { key, ttlMs, operations, ...(immutable !== undefined && { immutable }) };
}

/** What an operation takes, roughly: its texts and the objects around them. */
function sizeOf(operation: Operation): number {
  if (operation.op !== 'group') return 100 + textOf(operation).length;
  const nested = operation.operations.reduce((sum, inner) => sum + 100 + textOf(inner).length, 0);
  return 150 + operation.member.length + nested;
}

function textOf(operation: FieldOperation): string {
  return operation.op === 'keep' ? operation.member : operation.value;
}
