import type { KeyIssue, KeyUse, SessionObservation } from '../../sessions/observation.ts';
import { encodeOrigin } from '../../sessions/origin.ts';
import { KEY_RECORD_TTL_MS, WORKLOAD_RECORD_TTL_MS } from '../../sessions/record-key.ts';
import { shortHash } from '../../sessions/short-hash.ts';
import type { Source } from '../../sessions/source.ts';
import type { Contribution, Operation } from '../../store/port.ts';

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
/** Earliest uses kept of one source. */
export const USE_LIMIT = 8;
/** Up to how many uses of a source are counted exactly. */
export const COUNT_LIMIT = 32;
/** Up to how many sources of a session are counted exactly. */
export const SOURCE_COUNT_LIMIT = 64;

/**
 * What a batch wants merged into and read from the store: one contribution per key, its operations in the
 * order of event time, so that which event of a batch reveals a source does not depend on the batch's
 * order. Keys that are only read have no operations.
 */
export function sessionContributions(observations: readonly SessionObservation[]): Contribution[] {
  const byKey = new Map<string, SessionObservation[]>();
  for (const observation of observations) {
    const { use, issue } = observation;
    if (use !== undefined) {
      push(byKey, use.key, observation);
      if (use.workload !== undefined) push(byKey, use.workload, observation);
    }
    if (issue !== undefined) push(byKey, issue.key, observation);
  }
  const contributions: Contribution[] = [];
  for (const [key, timed] of byKey) {
    if (timed.length > 1) timed.sort(byTime);
    contributions.push({
      key,
      ttlMs: key.startsWith('workload:') ? WORKLOAD_RECORD_TTL_MS : KEY_RECORD_TTL_MS,
      operations: operationsOn(key, timed),
    });
  }
  return contributions;
}

function push(byKey: Map<string, SessionObservation[]>, key: string, observation: SessionObservation): void {
  const list = byKey.get(key);
  if (list === undefined) byKey.set(key, [observation]);
  else if (list[list.length - 1] !== observation) list.push(observation);
}

function byTime(a: SessionObservation, b: SessionObservation): number {
  const left = a.time ?? '';
  const right = b.time ?? '';
  if (left !== right) return left < right ? -1 : 1;
  return a.eventId < b.eventId ? -1 : a.eventId > b.eventId ? 1 : 0;
}

function operationsOn(key: string, timed: readonly SessionObservation[]): Operation[] {
  const operations: Operation[] = [];
  let previous: SessionObservation | undefined;
  let linked = false;
  for (const observation of timed) {
    const { time, eventId, use, issue } = observation;
    if (time === undefined) continue;
    // A record sent twice in one batch says nothing new the second time.
    const repeated = previous !== undefined && previous.eventId === eventId && previous.time === time;
    previous = observation;
    if (issue !== undefined && issue.key === key) addIssue(operations, issue, time, eventId);
    if (repeated || use === undefined || !use.remembered || use.source === undefined) continue;
    if (use.workload === undefined) {
      if (use.key === key) addUse(operations, use, use.source, time, eventId);
    } else if (use.workload === key) addUse(operations, use, use.source, time, eventId);
    else if (use.key === key && !linked) {
      operations.push({ op: 'min', field: FIELDS.workload, value: use.workload });
      linked = true;
    }
  }
  return operations;
}

function addIssue(operations: Operation[], issue: KeyIssue, time: string, eventId: string): void {
  const value = `${issue.quality}${time}|${eventId}|${encodeOrigin(issue.origin)}`;
  operations.push(
    { op: 'min', field: FIELDS.issue, value },
    { op: 'first', field: FIELDS.issueBy, value: eventId },
  );
}

function addUse(operations: Operation[], use: KeyUse, source: Source, time: string, eventId: string): void {
  const endpoint = use.throughEndpoint ? '1' : '';
  operations.push(
    {
      op: 'group',
      field: FIELDS.sources,
      member: source.member,
      limit: SOURCE_LIMIT,
      operations: [
        {
          op: 'keep',
          field: SOURCE_FIELDS.uses,
          member: `${time}|${eventId}|${use.delivery}|${endpoint}|${use.region}|${use.agent}`,
          limit: USE_LIMIT,
          end: 'smallest',
        },
        { op: 'max', field: SOURCE_FIELDS.last, value: time },
        {
          op: 'keep',
          field: SOURCE_FIELDS.count,
          member: shortHash(eventId),
          limit: COUNT_LIMIT,
          end: 'smallest',
        },
        { op: 'first', field: SOURCE_FIELDS.by, value: eventId },
      ],
    },
    {
      op: 'keep',
      field: FIELDS.sourceCount,
      member: source.member.slice(0, 6),
      limit: SOURCE_COUNT_LIMIT,
      end: 'smallest',
    },
  );
}
