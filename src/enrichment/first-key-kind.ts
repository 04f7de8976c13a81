import { secondsBetween } from '../sessions/event-time.ts';
import { type KeyKind, type KeyKindUse, PRINCIPAL_RECORD_TTL_MS } from '../sessions/key-kind.ts';
import { type Contribution, type Operation, readFirst, type StoredRecord } from '../store/port.ts';

/*
 * Which event is the first use of a kind of credential by a principal that was known by another kind.
 *
 * A principal's record holds two fields per kind: the earliest use (`min`: any order, partition and
 * repetition of a log ends in the same one) and which event brought the kind (`first`: id and time, never
 * changed afterwards). Whether an event is a first use is told by the `first` fields alone, so it is one
 * event per kind, the same for every replica and the same when it is sent again. A copy of the record that
 * holds an event's field holds all that came before it, so a use that changes nothing in it is settled.
 */

/** A first use: of which kind, and by what the principal was known. */
export type FirstKeyKind = {
  readonly kind: KeyKind;
  /** The kind used earlier; of two the one used first. */
  readonly known_by: KeyKind;
  /** Its earliest use known. */
  readonly since: string;
  /** True when the principal had been known for {@link ESTABLISHED_SECONDS}: habits are worth something. */
  readonly established: boolean;
};

/**
 * A week shows what somebody works with, on workdays and off. Before that (a new user, or a service that
 * has just been started with an empty store) the second kind is often only the next one to be seen.
 */
export const ESTABLISHED_SECONDS = 7 * 24 * 3600;

/** By kind: the field of its earliest use, and the field of the event that brought it. */
const FIELDS: { readonly [Kind in KeyKind]: { readonly since: string; readonly by: string } } = {
  console: { since: 'c', by: 'C' },
  long_term_key: { since: 'l', by: 'L' },
  session_token: { since: 't', by: 'T' },
};
const KINDS = Object.keys(FIELDS) as KeyKind[];

/**
 * Adds what a batch teaches of its principals: one contribution for each, its kinds in the order of their
 * earliest use, so that the order within a batch changes nothing.
 */
export function addKeyKinds(
  contributions: Contribution[],
  observations: readonly { readonly keyKind: KeyKindUse | undefined }[],
): void {
  let byPrincipal: Map<string, KeyKindUse[]> | undefined;
  for (const { keyKind } of observations) {
    if (keyKind === undefined) continue;
    byPrincipal ??= new Map();
    const earliest = byPrincipal.get(keyKind.principal);
    if (earliest === undefined) byPrincipal.set(keyKind.principal, [keyKind]);
    else keepEarliest(earliest, keyKind);
  }
  if (byPrincipal === undefined) return;
  for (const [key, earliest] of byPrincipal) {
    const operations: Operation[] = [];
    for (const use of earliest.sort(byTime)) addOperations(operations, use);
    contributions.push({ key, ttlMs: PRINCIPAL_RECORD_TTL_MS, operations, settles: true });
  }
}

/** Undefined unless `use` is the first of its kind; see above. */
export function firstKeyKind(
  use: KeyKindUse | undefined,
  records: ReadonlyMap<string, StoredRecord>,
): FirstKeyKind | undefined {
  if (use === undefined) return undefined;
  const record = records.get(use.principal);
  const own = record?.get(FIELDS[use.kind].by);
  // Nearly every use is not the one that brought its kind.
  if (record === undefined || own?.startsWith(use.eventId, ORDINAL_LENGTH) !== true) return undefined;
  const brought = broughtBy(record, use.kind);
  if (brought?.eventId !== use.eventId || brought.time !== use.time) return undefined;
  const known = KINDS.flatMap((kind) => {
    const other = kind === use.kind ? undefined : broughtBy(record, kind);
    if (other === undefined || other.ordinal > brought.ordinal || other.time >= use.time) return [];
    return [{ kind, since: record.get(FIELDS[kind].since) ?? other.time }];
  }).sort((a, b) => (a.since < b.since ? -1 : 1))[0];
  if (known === undefined) return undefined;
  const established = secondsBetween(known.since, use.time) >= ESTABLISHED_SECONDS;
  return { kind: use.kind, known_by: known.kind, since: known.since, established };
}

/** A `first` field's ordinal and the bar behind it. */
const ORDINAL_LENGTH = 9;

type Brought = { readonly ordinal: number; readonly eventId: string; readonly time: string };

/** Undefined for a kind nobody brought, and for a damaged value. */
function broughtBy(record: StoredRecord, kind: KeyKind): Brought | undefined {
  const first = readFirst(record, FIELDS[kind].by);
  const [eventId, time] = first?.value.split('|', 2) ?? [];
  if (first === undefined || eventId === undefined || time?.length !== TIME_LENGTH) return undefined;
  return { ordinal: first.ordinal, eventId, time };
}

const TIME_LENGTH = 20;

function keepEarliest(earliest: KeyKindUse[], use: KeyKindUse): void {
  const at = earliest.findIndex(({ kind }) => kind === use.kind);
  const known = earliest[at];
  if (known === undefined) earliest.push(use);
  else if (byTime(use, known) < 0) earliest[at] = use;
}

function byTime(a: KeyKindUse, b: KeyKindUse): number {
  if (a.time !== b.time) return a.time < b.time ? -1 : 1;
  return a.eventId < b.eventId ? -1 : a.eventId > b.eventId ? 1 : 0;
}

function addOperations(operations: Operation[], { kind, time, eventId }: KeyKindUse): void {
  const { since, by } = FIELDS[kind];
  operations.push(
    { op: 'min', field: since, value: time },
    { op: 'first', field: by, value: `${eventId}|${time}` },
  );
}
