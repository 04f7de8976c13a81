import { decodeOrigin } from '../../sessions/origin.ts';
import type { SessionIssue, SessionRecord, SessionSource } from '../../sessions/session-record.ts';
import { countDistinct } from '../../sessions/short-hash.ts';
import { sourceOfMember } from '../../sessions/source.ts';
import { groupField, readFirst, readMembers, type StoredRecord } from '../../store/port.ts';
import { COUNT_LIMIT, FIELDS, SOURCE_COUNT_LIMIT, SOURCE_FIELDS } from './record-operations.ts';

/**
 * A stored record as a session. Read once per record however many events of a batch ask; what is damaged
 * or incomplete is left out rather than guessed.
 */
export function readSession(record: StoredRecord): SessionRecord {
  const known = sessions.get(record);
  if (known !== undefined) return known;
  const session = decode(record);
  sessions.set(record, session);
  return session;
}

const sessions = new WeakMap<StoredRecord, SessionRecord>();

function decode(record: StoredRecord): SessionRecord {
  const sources: SessionSource[] = [];
  for (const member of readMembers(record, FIELDS.sources)) {
    const source = decodeSource(record, member);
    if (source !== undefined) sources.push(source);
  }
  sources.sort((a, b) => a.ordinal - b.ordinal);
  const counted = countDistinct(readMembers(record, FIELDS.sourceCount), SOURCE_COUNT_LIMIT);
  return {
    issue: decodeIssue(record),
    workload: record.get(FIELDS.workload),
    sources,
    sourceCount: Math.max(counted, sources.length),
  };
}

function decodeIssue(record: StoredRecord): SessionIssue | undefined {
  const value = record.get(FIELDS.issue);
  const by = readFirst(record, FIELDS.issueBy);
  if (value === undefined || by === undefined) return undefined;
  const afterTime = value.indexOf('|');
  const afterId = value.indexOf('|', afterTime + 1);
  if (afterTime === -1 || afterId === -1) return undefined;
  return {
    origin: decodeOrigin(value.slice(afterId + 1)),
    time: value.slice(1, afterTime),
    eventId: value.slice(afterTime + 1, afterId),
    ordinal: by.ordinal,
    revealedBy: by.value,
  };
}

function decodeSource(record: StoredRecord, member: string): SessionSource | undefined {
  const source = sourceOfMember(member);
  const uses = readMembers(record, groupField(FIELDS.sources, member, SOURCE_FIELDS.uses));
  const last = record.get(groupField(FIELDS.sources, member, SOURCE_FIELDS.last));
  const by = readFirst(record, groupField(FIELDS.sources, member, SOURCE_FIELDS.by));
  const count = readMembers(record, groupField(FIELDS.sources, member, SOURCE_FIELDS.count));
  const parts = uses.map((use) => use.split('|'));
  const first = parts[0]?.[0];
  if (source === undefined || first === undefined || last === undefined || by === undefined) return undefined;
  return {
    source,
    first,
    last,
    count: countDistinct(count, COUNT_LIMIT),
    eventIds: parts.map((part) => part[1] ?? ''),
    deliveries: distinct(parts, 2),
    throughEndpoint: parts.some((part) => part[3] === '1'),
    regions: distinct(parts, 4),
    agents: distinct(parts, 5),
    ordinal: by.ordinal,
    revealedBy: by.value,
  };
}

/** The distinct, non-empty values of one column, in the order of the uses. */
function distinct(parts: readonly (readonly string[])[], column: number): readonly string[] {
  const values: string[] = [];
  for (const part of parts) {
    const value = part[column];
    if (value !== undefined && value !== '' && !values.includes(value)) values.push(value);
  }
  return values;
}
