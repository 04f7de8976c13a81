import type { KeyIssue, KeyUse, SessionObservation } from '../../sessions/observation.ts';
import { encodeOrigin } from '../../sessions/origin.ts';
import { KEY_RECORD_TTL_MS, WORKLOAD_RECORD_TTL_MS } from '../../sessions/record-key.ts';
import { regionOf } from '../../sessions/region.ts';
import { hashText } from '../../sessions/short-hash.ts';
import type { Source } from '../../sessions/source.ts';
import type { Contribution, FieldOperation, Operation } from '../../store/port.ts';

/**
 * How a session is laid out in the store's records. Each field grows by a merge that is commutative,
 * associative and idempotent; `first` alone remembers the order of arrival.
 */
export const FIELDS = {
  /** min: `<quality><time>|<event id>|<origin>`. */
  issue: 'i',
  /** first: id of the event that brought the issue. */
  issueBy: 'b',
  /** min: record key of the workload's session, in a key's record. */
  workload: 'w',
  /** group of sources; see {@link SOURCE_FIELDS}. */
  sources: 's',
  /** keep: hashes of all sources, to count those beyond the group. */
  sourceCount: 'c',
} as const;

/** The fields of one source. */
export const SOURCE_FIELDS = {
  /** keep: `<time>|<event id>|<delivery>|<endpoint>|<region>|<agent>` of the earliest uses. */
  uses: 'u',
  /** max: time of the last use. */
  last: 'l',
  /** keep: hashes of event ids, to count distinct uses. */
  count: 'n',
  /** first: id of the event that brought the source. */
  by: 'b',
} as const;

/** Sources kept of one session; which ones is decided by a static rank, not by arrival. */
export const SOURCE_LIMIT = 16;
/**
 * Earliest uses kept of one source of a key. An issuing event that comes after them all names them in
 * `late[]`, and nothing else ever says of each that it was foreign: a person's session rarely has more.
 */
export const KEY_USE_LIMIT = 32;
/** The same of a workload's session, which goes on for weeks: no issuing event is waited for. */
export const WORKLOAD_USE_LIMIT = 8;
/** Up to how many uses of a source are counted exactly. */
export const COUNT_LIMIT = 32;
/** Up to how many sources of a session are counted exactly. */
export const SOURCE_COUNT_LIMIT = 64;

/** How many of the earliest are kept of one source of a use. */
export function useLimitOf({ workload }: KeyUse): number {
  return workload === undefined ? KEY_USE_LIMIT : WORKLOAD_USE_LIMIT;
}

/** Observations grouped by key between two yields, and operations made of so many. */
const SLICE_OBSERVATIONS = 2048;

/**
 * What a batch wants merged into and read from the store: one contribution per key, its operations in the
 * order of event time, so that which event of a batch reveals a source does not depend on the batch's
 * order. Keys that are only read have no operations. Yields between slices of long batches.
 */
export function* sessionContributions(
  observations: readonly { readonly session: SessionObservation }[],
): Generator<undefined, Contribution[], unknown> {
  const byKey = new Map<string, History>();
  let sinceTurn = 0;
  for (const { session: observation } of observations) {
    if (++sinceTurn > SLICE_OBSERVATIONS) {
      sinceTurn = 0;
      yield;
    }
    const { use, issue } = observation;
    if (use !== undefined) {
      const history = historyOf(byKey, use.key, KEY_RECORD_TTL_MS);
      // The key of a workload's session has one thing to learn of its uses: whose key it is.
      if (use.workload === undefined) history.add(observation);
      else {
        if (history.workload !== use.workload) history.add(observation);
        history.workload = use.workload;
        historyOf(byKey, use.workload, WORKLOAD_RECORD_TTL_MS).add(observation);
      }
    }
    if (issue !== undefined) historyOf(byKey, issue.key, KEY_RECORD_TTL_MS).add(observation);
  }
  const contributions: Contribution[] = [];
  for (const history of byKey.values()) {
    contributions.push({
      key: history.key,
      ttlMs: history.ttlMs,
      operations: operationsOn(history.key, history.inOrder()),
    });
    sinceTurn += history.length;
    if (sinceTurn > SLICE_OBSERVATIONS) {
      sinceTurn = 0;
      yield;
    }
  }
  return contributions;
}

/** Reads of the records that the uses of `observations` are answered from. */
export function useReads(
  observations: readonly { readonly session: SessionObservation }[],
): readonly Contribution[] {
  const keys = new Map<string, Contribution>();
  const read = (key: string, ttlMs: number): void => {
    keys.set(key, { key, ttlMs, operations: [] });
  };
  for (const { session } of observations) {
    if (session.use === undefined) continue;
    read(session.use.key, KEY_RECORD_TTL_MS);
    if (session.use.workload !== undefined) read(session.use.workload, WORKLOAD_RECORD_TTL_MS);
  }
  return [...keys.values()];
}

function historyOf(byKey: Map<string, History>, key: string, ttlMs: number): History {
  let history = byKey.get(key);
  if (history === undefined) {
    history = new History(key, ttlMs);
    byKey.set(key, history);
  }
  return history;
}

/** What a batch tells about one key. */
class History {
  readonly key: string;
  readonly ttlMs: number;
  /** The workload that used the key last. */
  workload: string | undefined;
  readonly #told: SessionObservation[] = [];
  #isOrdered = true;

  constructor(key: string, ttlMs: number) {
    this.key = key;
    this.ttlMs = ttlMs;
  }

  /** Observations told. */
  get length(): number {
    return this.#told.length;
  }

  add(observation: SessionObservation): void {
    const last = this.#told[this.#told.length - 1];
    // One record may issue a key and use it: it tells both at once.
    if (last === observation) return;
    if (last !== undefined && byTime(last, observation) > 0) this.#isOrdered = false;
    this.#told.push(observation);
  }

  /** By event time; logs mostly come so. */
  inOrder(): readonly SessionObservation[] {
    return this.#isOrdered ? this.#told : this.#told.sort(byTime);
  }
}

function byTime(a: SessionObservation, b: SessionObservation): number {
  const left = a.time ?? '';
  const right = b.time ?? '';
  if (left !== right) return left < right ? -1 : 1;
  return a.eventId < b.eventId ? -1 : a.eventId > b.eventId ? 1 : 0;
}

function operationsOn(key: string, timed: readonly SessionObservation[]): readonly Operation[] {
  const operations: Operation[] = [];
  const sources: SourceUses[] = [];
  let previous: SessionObservation | undefined;
  for (const observation of timed) {
    const { time, eventId, use, issue } = observation;
    if (time === undefined) continue;
    // A record sent twice in one batch says nothing new the second time.
    const repeated = previous !== undefined && saysTheSame(previous, observation);
    previous = observation;
    if (issue !== undefined && issue.key === key) addIssue(operations, issue, time, eventId);
    if (repeated || use === undefined || !use.remembered || use.source === undefined) continue;
    if ((use.workload ?? use.key) === key) addUse(operations, sources, use, use.source, time, observation);
    else if (use.key === key && use.workload !== undefined) {
      operations.push({ op: 'min', field: FIELDS.workload, value: use.workload });
    }
  }
  return operations;
}

/** An id that comes with something else the second time is somebody's invention: it is merged as if it came later. */
function saysTheSame(a: SessionObservation, b: SessionObservation): boolean {
  return a.eventId === b.eventId && a.time === b.time && a.use === b.use && a.awsRegion === b.awsRegion;
}

function addIssue(operations: Operation[], issue: KeyIssue, time: string, eventId: string): void {
  const value = `${issue.quality}${time}|${eventId}|${encodeOrigin(issue.origin)}`;
  operations.push(
    { op: 'min', field: FIELDS.issue, value },
    { op: 'first', field: FIELDS.issueBy, value: eventId },
  );
}

/** The uses from one source as they are collected, in order: they share one group operation. */
type SourceUses = {
  readonly source: string;
  readonly operations: FieldOperation[];
  readonly last: { op: 'max'; field: string; value: string };
  count: number;
};

function addUse(
  operations: Operation[],
  sources: SourceUses[],
  use: KeyUse,
  source: Source,
  time: string,
  observation: SessionObservation,
): void {
  let uses: SourceUses | undefined;
  for (const known of sources) if (known.source === source.text) uses = known;
  if (uses === undefined) {
    uses = startUses(operations, source, time, observation.eventId);
    sources.push(uses);
  }
  // Ascending, so later ones would not be kept beside so many earlier ones.
  const limit = useLimitOf(use);
  if (uses.count++ < limit) {
    uses.operations.push({
      op: 'keep',
      field: SOURCE_FIELDS.uses,
      member: useMember(use, observation),
      limit,
      end: 'smallest',
    });
  }
  uses.operations.push({
    op: 'keep',
    field: SOURCE_FIELDS.count,
    member: hashText(observation.eventHash),
    limit: COUNT_LIMIT,
    end: 'smallest',
  });
  uses.last.value = time;
}

/** How one of the earliest uses is kept: it sorts by time, then by event id. */
export function useMember(use: KeyUse, { time, eventId, awsRegion }: SessionObservation): string {
  const region = regionOf(awsRegion);
  return `${time}|${eventId}|${use.delivery}|${use.throughEndpoint ? '1' : ''}|${region}|${use.agent}`;
}

function startUses(operations: Operation[], source: Source, time: string, eventId: string): SourceUses {
  const { member, text } = source;
  const last = { op: 'max' as const, field: SOURCE_FIELDS.last, value: time };
  const inner: FieldOperation[] = [{ op: 'first', field: SOURCE_FIELDS.by, value: eventId }, last];
  operations.push(
    { op: 'group', field: FIELDS.sources, member, limit: SOURCE_LIMIT, operations: inner },
    {
      op: 'keep',
      field: FIELDS.sourceCount,
      member: source.hash,
      limit: SOURCE_COUNT_LIMIT,
      end: 'smallest',
    },
  );
  return { source: text, operations: inner, last, count: 0 };
}
