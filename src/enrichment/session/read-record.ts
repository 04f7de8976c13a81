import { decodeOrigin, type Origin } from '../../sessions/origin.ts';
import type { SessionIssue, SessionRecord, SessionSource } from '../../sessions/session-record.ts';
import { countDistinct, hashOf } from '../../sessions/short-hash.ts';
import { type Source, sourceOfMember } from '../../sessions/source.ts';
import { groupField, readFirst, readMembers, type StoredRecord } from '../../store/port.ts';
import { COUNT_LIMIT, FIELDS, SOURCE_COUNT_LIMIT, SOURCE_FIELDS } from './record-operations.ts';
import { SessionAnswers } from './session-answers.ts';

/** A session with the answers last made from it; see `enrichSession`. */
export type RememberedSession = SessionRecord & {
  /** Another number for every reading of a record. */
  readonly number: number;
  /** Of the record when it was read. */
  readonly revision: number | undefined;
  readonly answers: SessionAnswers;
  /**
   * False when the event surely brought neither the issue nor a source; true when its id's hash says that it
   * did.
   */
  mayBeRevealedBy(eventHash: number): boolean;
};

/**
 * The session in the record of `key`; undefined when nothing is known of it. A record is read once however
 * many events and batches ask, and each part only when asked for: most events need to know no more than
 * that there is one source. What is damaged or incomplete is left out rather than guessed.
 */
export function sessionAt(
  records: ReadonlyMap<string, StoredRecord>,
  key: string,
): RememberedSession | undefined {
  const record = records.get(key);
  if (record === undefined) return undefined;
  const { reading } = record;
  if (reading instanceof DecodedRecord && reading.revision === record.revision) return reading;
  const session = new DecodedRecord(record);
  record.reading = session;
  return session;
}

let lastNumber = 0;

class DecodedRecord implements RememberedSession {
  readonly number: number;
  readonly revision: number | undefined;
  readonly issue: SessionIssue | undefined;
  readonly workload: string | undefined;
  readonly answers = new SessionAnswers();
  readonly #record: StoredRecord;
  #sources: readonly SessionSource[] | undefined;
  #revealers: readonly number[] | undefined;

  constructor(record: StoredRecord) {
    lastNumber++;
    this.number = lastNumber;
    this.#record = record;
    this.revision = record.revision;
    this.issue = decodeIssue(record);
    this.workload = record.get(FIELDS.workload);
  }

  mayBeRevealedBy(eventHash: number): boolean {
    this.#revealers ??= this.#findRevealers();
    return this.#revealers.includes(eventHash);
  }

  #findRevealers(): readonly number[] {
    const events = this.sources.map(({ revealedBy }) => revealedBy);
    if (this.issue !== undefined) events.push(this.issue.revealedBy);
    return events.map(hashOf);
  }

  get sources(): readonly SessionSource[] {
    this.#sources ??= decodeSources(this.#record);
    return this.#sources;
  }

  get sourceCount(): number {
    const counted = countDistinct(readMembers(this.#record, FIELDS.sourceCount), SOURCE_COUNT_LIMIT);
    return Math.max(counted, this.sources.length);
  }
}

type First = NonNullable<ReturnType<typeof readFirst>>;

class DecodedSource implements SessionSource {
  readonly source: Source;
  readonly ordinal: number;
  readonly revealedBy: string;
  readonly #record: StoredRecord;
  readonly #prefix: string;
  #uses = '';
  #parts: readonly (readonly string[])[] = [];

  constructor(record: StoredRecord, prefix: string, source: Source, by: First) {
    this.source = source;
    this.ordinal = by.ordinal;
    this.revealedBy = by.value;
    this.#record = record;
    this.#prefix = prefix;
  }

  // What follows is read each time: it goes on without a new revision of the record.
  get last(): string {
    return this.#record.get(this.#prefix + SOURCE_FIELDS.last) ?? this.first;
  }
  get first(): string {
    return this.#columns()[0]?.[0] ?? '';
  }
  get count(): number {
    return Math.max(
      1,
      countDistinct(readMembers(this.#record, this.#prefix + SOURCE_FIELDS.count), COUNT_LIMIT),
    );
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
    const uses = this.#record.get(this.#prefix + SOURCE_FIELDS.uses) ?? '';
    if (uses !== this.#uses) {
      this.#uses = uses;
      this.#parts = uses.split('\n').map((use) => use.split('|'));
    }
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
    const by = readFirst(record, prefix + SOURCE_FIELDS.by);
    if (source === undefined || by === undefined || record.get(prefix + SOURCE_FIELDS.uses) === undefined)
      continue;
    sources.push(new DecodedSource(record, prefix, source, by));
  }
  if (sources.length > 1) sources.sort((a, b) => a.ordinal - b.ordinal);
  return sources;
}
