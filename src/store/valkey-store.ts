import { Cluster, type Redis } from 'ioredis';
import { keySlot } from './key-slot.ts';
import { MERGE_SCRIPT, MERGE_SCRIPT_SHA, mergeArguments, readMerged } from './merge-script.ts';
import type { Contribution, Operation, StoredRecord } from './port.ts';
import type { ValkeyClient } from './valkey-client.ts';

/** Prefix of every key: whose it is, and the version of the records' layout. */
export const KEY_PREFIX = 'detrails:v1:';
/**
 * Milliseconds added per key to the time an exchange is given, its own keys and those that wait before them:
 * ten times what a merge takes. A batch of thousands of records is no sign that the server is away.
 */
const KEY_MS = 1;
/** Keys of other exchanges that are waited for at most. */
const QUEUE_LIMIT = 1000;
/** Nodes whose connections are told apart; no cluster has as many. */
const NODES_LIMIT = 1000;

/** What the shared store answered in time. */
export type RemoteAnswer = {
  readonly records: Map<string, StoredRecord>;
  /** Keys without an answer: their contributions may or may not have arrived. */
  readonly unanswered: ReadonlySet<string>;
  /** Keys that the server answered with an error of their own: something else lies there. */
  readonly refused: ReadonlySet<string>;
};

/** The shared store: answers what it can in the time it is given, and never rejects. */
export interface RemoteStore {
  /** @param timeoutMs for a few keys; many are given more */
  exchange(contributions: readonly Contribution[], timeoutMs: number): Promise<RemoteAnswer>;
  /**
   * Counts the connections made again so far. Each may lead to a server that has lost what the last one
   * confirmed: restarted without its data, or another one after a failover.
   */
  readonly generation: number;
  /** True when the server answered within the time. */
  probe(timeoutMs: number): Promise<boolean>;
  close(): Promise<void>;
}

/**
 * A {@link RemoteStore} over Valkey or Redis: one script call per key, all of a node's in one pipeline,
 * all nodes at once. A server that does not know the script (new, restarted, failed over) is told once.
 */
export function createValkeyStore(client: ValkeyClient): RemoteStore {
  // Errors are seen where they matter, as unanswered keys; without a listener they would end the process.
  client.on('error', () => undefined);
  let generation = 0;
  /** Keys that were sent and are neither answered nor given up by the connection. */
  let queued = 0;
  const known = new Set<string>();
  const connected = (address: string): void => {
    // The first connection to a node has nothing to have lost; those of a cluster are made when needed.
    if (known.has(address)) generation += 1;
    else if (known.size < NODES_LIMIT) known.add(address);
  };
  if (client instanceof Cluster) {
    client.on('+node', (node: Redis) => {
      node.on('ready', () => connected(`${node.options.host}:${node.options.port}`));
    });
  } else client.on('ready', () => connected('single'));
  return {
    get generation() {
      return generation;
    },
    async exchange(contributions, timeoutMs) {
      const merges = mergesOf(contributions);
      const answer = {
        records: new Map<string, StoredRecord>(),
        unanswered: new Set(merges.map(({ key }) => key)),
        refused: new Set<string>(),
      };
      if (client.status !== 'ready') return answer;
      let open = true;
      const accept: Accept = (key, error, result) => {
        // What comes after the time must not change an answer that was already given.
        if (!open) return;
        const record = error === null ? readMerged(result) : undefined;
        if (record !== undefined) {
          answer.unanswered.delete(key);
          if (record.size > 0) answer.records.set(key, record);
        } else if (error !== null && isRefusal(error.message)) {
          answer.unanswered.delete(key);
          answer.refused.add(key);
        }
      };
      const patience = timeoutMs + KEY_MS * (merges.length + Math.min(queued, QUEUE_LIMIT));
      queued += merges.length;
      const work = Promise.all(
        groupByNode(client, merges).map((group) => runGroup(client, group, accept)),
      ).finally(() => {
        queued -= merges.length;
      });
      await settledWithin(work, patience);
      open = false;
      return answer;
    },
    async probe(timeoutMs) {
      if (client.status !== 'ready') return false;
      let alive = false;
      const ping = client.ping().then(
        () => {
          alive = true;
        },
        () => undefined,
      );
      await settledWithin(ping, timeoutMs);
      return alive;
    },
    close() {
      client.disconnect();
      return Promise.resolve();
    },
  };
}

/** One call of the script. */
type Merge = { readonly key: string; readonly args: readonly string[] };
type Accept = (key: string, error: Error | null, result: unknown) => void;
type Reply = readonly [error: Error | null, result: unknown];

/** One merge per key: contributions to the same key follow one another in it. */
function mergesOf(contributions: readonly Contribution[]): Merge[] {
  const byKey = new Map<string, { ttlMs: number; operations: readonly Operation[] }>();
  for (const { key, ttlMs, operations } of contributions) {
    const known = byKey.get(key);
    if (known === undefined) byKey.set(key, { ttlMs, operations });
    else byKey.set(key, { ttlMs, operations: [...known.operations, ...operations] });
  }
  return [...byKey].map(([key, { ttlMs, operations }]) => ({ key, args: mergeArguments(ttlMs, operations) }));
}

/** ioredis sends a cluster pipeline to one node, so the keys are sorted by the nodes that serve them. */
function groupByNode(client: ValkeyClient, merges: readonly Merge[]): readonly (readonly Merge[])[] {
  if (!(client instanceof Cluster)) return merges.length === 0 ? [] : [merges];
  const groups = new Map<string, Merge[]>();
  for (const merge of merges) {
    const nodes = client.slots[keySlot(KEY_PREFIX + merge.key)]?.join(';') ?? '';
    const group = groups.get(nodes);
    if (group === undefined) groups.set(nodes, [merge]);
    else group.push(merge);
  }
  return [...groups.values()];
}

async function runGroup(client: ValkeyClient, merges: readonly Merge[], accept: Accept): Promise<void> {
  const unknown: Merge[] = [];
  const moved: Merge[] = [];
  for (const [index, [error, result]] of (await pipeline(client, merges, false)).entries()) {
    const merge = merges[index];
    if (merge === undefined) continue;
    if (error?.message.startsWith('NOSCRIPT')) unknown.push(merge);
    else if (error !== null && /^(?:MOVED|ASK|TRYAGAIN) /.test(error.message)) moved.push(merge);
    else accept(merge.key, error, result);
  }
  if (unknown.length > 0) {
    for (const [index, [error, result]] of (await pipeline(client, unknown, true)).entries()) {
      const merge = unknown[index];
      if (merge !== undefined) accept(merge.key, error, result);
    }
  }
  // Slots on the move: alone, each call follows the redirection that the pipeline can not.
  await Promise.all(moved.map((merge) => runAlone(client, merge, accept)));
}

async function pipeline(
  client: ValkeyClient,
  merges: readonly Merge[],
  tellScript: boolean,
): Promise<readonly Reply[]> {
  const batch = client.pipeline();
  for (const [index, { key, args }] of merges.entries()) {
    if (tellScript && index === 0) batch.eval(MERGE_SCRIPT, 1, KEY_PREFIX + key, ...args);
    else batch.evalsha(MERGE_SCRIPT_SHA, 1, KEY_PREFIX + key, ...args);
  }
  try {
    return (await batch.exec()) ?? [];
  } catch (error) {
    const failure = asError(error);
    return merges.map(() => [failure, undefined] as const);
  }
}

async function runAlone(client: ValkeyClient, merge: Merge, accept: Accept): Promise<void> {
  try {
    accept(merge.key, null, await client.eval(MERGE_SCRIPT, 1, KEY_PREFIX + merge.key, ...merge.args));
  } catch (error) {
    accept(merge.key, asError(error), undefined);
  }
}

/** True for an error that lies in the key, not in the server's state: it would come again. */
function isRefusal(message: string): boolean {
  if (
    /\b(?:OOM|READONLY|LOADING|MASTERDOWN|CLUSTERDOWN|MISCONF|NOPERM|NOAUTH|BUSY|UNKILLABLE)\b/.test(message)
  ) {
    return false;
  }
  return message.includes('WRONGTYPE') || message.includes('user_script');
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error('the shared store failed');
}

/**
 * True when `work` ended within the time. When the process itself was busy, the timer fires before the
 * replies that lie in the socket are read: the two turns after it give them their chance.
 */
function settledWithin(work: Promise<unknown>, timeoutMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      setImmediate(() => setImmediate(() => resolve(false)));
    }, timeoutMs);
    const done = (): void => {
      clearTimeout(timer);
      resolve(true);
    };
    work.then(done, done);
  });
}
