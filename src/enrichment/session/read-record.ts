import { decodeOrigin, type Origin } from '../../sessions/origin.ts';
import type { SessionIssue, SessionRecord, SessionSource } from '../../sessions/session-record.ts';
import { countDistinct } from '../../sessions/short-hash.ts';
import { type Source, sourceOfMember } from '../../sessions/source.ts';
import { groupField, readFirst, readMembers, type StoredRecord } from '../../store/port.ts';
import type { SessionEnrichment } from '../output.ts';
import { COUNT_LIMIT, FIELDS, SOURCE_COUNT_LIMIT, SOURCE_FIELDS } from './record-operations.ts';

/** The sessions of a batch's records, read on demand. */
export interface BatchSessions {
  /** The session under a record key; undefined when nothing is known of it. */
  at(key: string): BatchSession | undefined;
}

/** A session with what the batch has already answered from it. */
export type BatchSession = SessionRecord & {
  /** The finished answer of one source, and that of others when there are any; see `enrichSession`. */
  answerFor(source: string): SessionEnrichment | undefined;
  keepAnswer(source: string, answer: SessionEnrichment): void;
};

/**
 * The sessions in a batch's records. A record is read once however many events ask, and each part only
 * when asked for: most events need to know no more than that there is one source. What is damaged or
 * incomplete is left out rather than guessed.
 */
export function sessionsIn(records: ReadonlyMap<string, StoredRecord>): BatchSessions {
  const known = batches.get(records);
  if (known !== undefined) return known;
  const byKey = new Map<string, DecodedRecord>();
  const sessions: BatchSessions = {
    at: (key) => {
      const record = records.get(key);
      if (record === undefined) return undefined;
      const found = byKey.get(key);
      if (found?.record === record) return found;
      const session = new DecodedRecord(record);
      byKey.set(key, session);
      return session;
    },
  };
  batches.set(records, sessions);
  return sessions;
}

const batches = new WeakMap<ReadonlyMap<string, StoredRecord>, BatchSessions>();

class DecodedRecord implements BatchSession {
  readonly record: StoredRecord;
  readonly issue: SessionIssue | undefined;
  #answeredSource: string | undefined;
  #answer: SessionEnrichment | undefined;
  #others: Map<string, SessionEnrichment> | undefined;
  #sources: readonly SessionSource[] | undefined;

  constructor(record: StoredRecord) {
    this.record = record;
    this.issue = decodeIssue(record);
  }

  answerFor(source: string): SessionEnrichment | undefined {
    return source === this.#answeredSource ? this.#answer : this.#others?.get(source);
  }

  keepAnswer(source: string, answer: SessionEnrichment): void {
    if (this.#answeredSource === undefined) {
      this.#answeredSource = source;
      this.#answer = answer;
      return;
    }
    this.#others ??= new Map();
    this.#others.set(source, answer);
  }

  get workload(): string | undefined {
    return this.record.get(FIELDS.workload);
  }

  get sources(): readonly SessionSource[] {
    this.#sources ??= decodeSources(this.record);
    return this.#sources;
  }

  get sourceCount(): number {
    const counted = countDistinct(readMembers(this.record, FIELDS.sourceCount), SOURCE_COUNT_LIMIT);
    return Math.max(counted, this.sources.length);
  }
}

class DecodedSource implements SessionSource {
  readonly source: Source;
  readonly last: string;
  readonly ordinal: number;
  readonly revealedBy: string;
  readonly #uses: string;
  readonly #counted: string;
  #parts: readonly (readonly string[])[] | undefined;

  constructor(
    source: Source,
    last: string,
    ordinal: number,
    revealedBy: string,
    uses: string,
    counted: string,
  ) {
    this.source = source;
    this.last = last;
    this.ordinal = ordinal;
    this.revealedBy = revealedBy;
    this.#uses = uses;
    this.#counted = counted;
  }

  get first(): string {
    return this.#uses.slice(0, this.#uses.indexOf('|'));
  }
  get count(): number {
    return Math.max(1, countDistinct(this.#counted === '' ? [] : this.#counted.split('\n'), COUNT_LIMIT));
  }
  get eventIds(): readonly string[] {
    return this.#columns().map((columns) => columns[1] ?? '');
  }
  get deliveries(): readonly string[] {
    return this.#distinct(2);
  }
  get throughEndpoint(): boolean {
    return this.#columns().some((columns) => columns[3] === '1');
  }
  get regions(): readonly string[] {
    return this.#distinct(4);
  }
  get agents(): readonly string[] {
    return this.#distinct(5);
  }

  #columns(): readonly (readonly string[])[] {
    this.#parts ??= this.#uses.split('\n').map((use) => use.split('|'));
    return this.#parts;
  }

  /** The distinct, non-empty values of one column, in the order of the uses. */
  #distinct(column: number): readonly string[] {
    const values: string[] = [];
    for (const columns of this.#columns()) {
      const value = columns[column];
      if (value !== undefined && value !== '' && !values.includes(value)) values.push(value);
    }
    return values;
  }
}

function decodeIssue(record: StoredRecord): SessionIssue | undefined {
  const value = record.get(FIELDS.issue);
  const by = value === undefined ? undefined : readFirst(record, FIELDS.issueBy);
  if (value === undefined || by === undefined) return undefined;
  const afterTime = value.indexOf('|');
  const afterId = value.indexOf('|', afterTime + 1);
  if (afterTime === -1 || afterId === -1) return undefined;
  return new DecodedIssue(value, afterTime, afterId, by.ordinal, by.value);
}

class DecodedIssue implements SessionIssue {
  readonly ordinal: number;
  readonly revealedBy: string;
  readonly #value: string;
  readonly #afterTime: number;
  readonly #afterId: number;
  #origin: Origin | undefined;

  constructor(value: string, afterTime: number, afterId: number, ordinal: number, revealedBy: string) {
    this.ordinal = ordinal;
    this.revealedBy = revealedBy;
    this.#value = value;
    this.#afterTime = afterTime;
    this.#afterId = afterId;
  }

  get time(): string {
    return this.#value.slice(1, this.#afterTime);
  }
  get eventId(): string {
    return this.#value.slice(this.#afterTime + 1, this.#afterId);
  }
  get origin(): Origin {
    this.#origin ??= decodeOrigin(this.#value.slice(this.#afterId + 1));
    return this.#origin;
  }
}

function decodeSources(record: StoredRecord): readonly SessionSource[] {
  const sources: SessionSource[] = [];
  for (const member of readMembers(record, FIELDS.sources)) {
    const source = sourceOfMember(member);
    const prefix = groupField(FIELDS.sources, member, '');
    const uses = record.get(prefix + SOURCE_FIELDS.uses);
    const last = record.get(prefix + SOURCE_FIELDS.last);
    const by = readFirst(record, prefix + SOURCE_FIELDS.by);
    if (source === undefined || uses === undefined || last === undefined || by === undefined) continue;
    const counted = record.get(prefix + SOURCE_FIELDS.count) ?? '';
    sources.push(new DecodedSource(source, last, by.ordinal, by.value, uses, counted));
  }
  if (sources.length > 1) sources.sort((a, b) => a.ordinal - b.ordinal);
  return sources;
}
