import { readMembers, type StoredRecord } from '../../store/port.ts';
import {
  type DefaultEntry,
  type DeletedEntry,
  type DocumentEntry,
  LIFE_FIELDS,
  order,
  type UnansweredEntry,
} from './life-record.ts';

/** A life record, decoded; every list ascending. */
export type LifeHistory = {
  readonly documents: readonly DocumentEntry[];
  readonly defaults: readonly DefaultEntry[];
  readonly deleted: readonly DeletedEntry[];
  readonly deletedVersions: readonly DeletedEntry[];
  readonly unanswered: readonly UnansweredEntry[];
};

/** Why history cannot say what was in force. The values are `detrails.policy.reason`. */
export type HistoryGap =
  | 'document_not_seen'
  | 'default_version_not_known'
  | 'policy_was_deleted'
  | 'version_was_deleted'
  | 'several_in_the_same_second'
  | 'history_too_long';

/** An entry that was in force, or why none can be named. */
export type Found<Entry> = { readonly entry: Entry } | { readonly gap: HistoryGap };

/** Decodes a life record; an absent one is an empty history. Malformed members are left out. */
export function readLifeHistory(record: StoredRecord | undefined): LifeHistory {
  if (record === undefined) return EMPTY;
  return {
    documents: decode(record, 'documents', 5, ([time, , version, document, eventId]) => ({
      time,
      version,
      document,
      eventId,
    })),
    defaults: decode(record, 'defaults', 5, ([time, rank, , version, eventId]) => ({
      time,
      rank: rank === '0' ? 0 : rank === '1' ? 1 : 2,
      version,
      eventId,
    })),
    deleted: decode(record, 'deleted', 2, ([time, eventId]) => ({ time, version: '', eventId })),
    deletedVersions: decode(record, 'deletedVersions', 3, ([time, version, eventId]) => ({
      time,
      version,
      eventId,
    })),
    unanswered: decode(record, 'unanswered', 5, ([time, eventId, operation, version, attachedTo]) => ({
      time,
      eventId,
      operation,
      version,
      attachedTo,
    })),
  };
}

/** True when activations wait for an answer: hardly ever, and then nothing else has to be decoded. */
export function hasUnanswered(record: StoredRecord | undefined): boolean {
  const members = record?.get(LIFE_FIELDS.unanswered.field);
  return members !== undefined && members !== '';
}

/**
 * The document `version` had at `time` (at the end of all we know without it): the latest creation not
 * after `time`, unless the policy or the version was deleted between the two. A deletion in the second of
 * the creation came before it, or there would be nothing to ask about.
 */
export function documentAt(
  history: LifeHistory,
  version: string,
  time: string | undefined,
): Found<DocumentEntry> {
  const entries = history.documents.filter((entry) => entry.version === version && notAfter(entry, time));
  const entry = entries.at(-1);
  if (entry === undefined) return { gap: 'document_not_seen' };
  const rival = entries.at(-2);
  if (rival !== undefined && rival.time === entry.time && rival.document !== entry.document) {
    return { gap: 'several_in_the_same_second' };
  }
  const end = endOfLife(history, entry.time, time);
  if (end !== undefined) return { gap: end };
  const isDeleted = history.deletedVersions.some(
    (deleted) => deleted.version === version && isBetween(deleted, entry.time, time),
  );
  return isDeleted ? { gap: 'version_was_deleted' } : { entry };
}

/** The version that was the default at `time`. */
export function defaultAt(history: LifeHistory, time: string | undefined): Found<DefaultEntry> {
  return lastDefault(
    history,
    history.defaults.filter((entry) => notAfter(entry, time)),
    time,
  );
}

/** The version that was the default just before `own` made another one so, or was created beside it. */
export function defaultBefore(history: LifeHistory, own: DefaultEntry): Found<DefaultEntry> {
  const earlier = history.defaults.filter((entry) => compareDefaults(entry, own) < 0);
  return lastDefault(history, earlier, own.time);
}

/** The document that was in force just before `own`, for policies without versions. */
export function documentBefore(history: LifeHistory, own: DocumentEntry): Found<DocumentEntry> {
  const earlier = history.documents.filter((entry) => entry.time < own.time);
  const entry = earlier.at(-1);
  const atOnce = history.documents.some(
    (other) => other.time === own.time && other.eventId !== own.eventId && other.document !== own.document,
  );
  if (atOnce) return { gap: 'several_in_the_same_second' };
  if (entry === undefined) return { gap: 'document_not_seen' };
  const end = endOfLife(history, entry.time, own.time);
  return end === undefined ? { entry } : { gap: end };
}

/** Why what began at `begin` was no longer in force at `time`; undefined while it was. */
export function endOfLife(
  history: LifeHistory,
  begin: string,
  time: string | undefined,
): HistoryGap | undefined {
  const { deleted } = history;
  if (deleted.some((entry) => isBetween(entry, begin, time))) return 'policy_was_deleted';
  const oldest = deleted[0];
  // A full list has forgotten older deletions: what began before its oldest one may have ended unseen.
  const isCut = deleted.length >= LIFE_FIELDS.deleted.limit && oldest !== undefined && begin < oldest.time;
  return isCut ? 'history_too_long' : undefined;
}

const EMPTY: LifeHistory = Object.freeze({
  documents: [],
  defaults: [],
  deleted: [],
  deletedVersions: [],
  unanswered: [],
});

function lastDefault(
  history: LifeHistory,
  entries: readonly DefaultEntry[],
  time: string | undefined,
): Found<DefaultEntry> {
  const entry = entries.at(-1);
  if (entry === undefined) return { gap: 'default_version_not_known' };
  const rival = entries.at(-2);
  if (rival?.time === entry.time && rival.rank === 2 && entry.rank === 2 && rival.version !== entry.version) {
    return { gap: 'several_in_the_same_second' };
  }
  const end = endOfLife(history, entry.time, time);
  return end === undefined ? { entry } : { gap: end };
}

function compareDefaults(left: DefaultEntry, right: DefaultEntry): number {
  if (left.time !== right.time) return left.time < right.time ? -1 : 1;
  if (left.rank !== right.rank) return left.rank - right.rank;
  const leftOrder = order(left.version);
  const rightOrder = order(right.version);
  return leftOrder < rightOrder ? -1 : leftOrder > rightOrder ? 1 : 0;
}

function notAfter(entry: { readonly time: string }, time: string | undefined): boolean {
  return time === undefined || entry.time <= time;
}

function isBetween(entry: { readonly time: string }, begin: string, end: string | undefined): boolean {
  return entry.time > begin && notAfter(entry, end);
}

type Parts = readonly [string, string, string, string, string];

function decode<Entry>(
  record: StoredRecord,
  name: keyof typeof LIFE_FIELDS,
  length: number,
  read: (parts: Parts) => Entry,
): readonly Entry[] {
  const entries: Entry[] = [];
  for (const member of readMembers(record, LIFE_FIELDS[name].field)) {
    const parts = member.split('|');
    if (parts.length !== length) continue;
    const [first = '', second = '', third = '', fourth = '', fifth = ''] = parts;
    entries.push(read([first, second, third, fourth, fifth]));
  }
  return entries;
}
