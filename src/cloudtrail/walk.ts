import type { DecodeLimits, Document, Entry, Place } from './decoded.ts';
import type { CloudTrailEvent } from './event.ts';
import { presentString } from './json.ts';
import { JsonFault, JsonScanner } from './json-scanner.ts';
import { MemberIndex } from './member-index.ts';
import { MEMBER } from './member-names.ts';
import { isRecord, knownStranger } from './recognize.ts';
import { LimitFault, type RecordBudget } from './record-budget.ts';
import type { RecordErrorCode } from './record-error.ts';
import { ScannedEvent } from './scanned-event.ts';

/**
 * The walk over one JSON text: validates, indexes and recognizes in one pass (the table of DESIGN 4.1).
 * Methods that may meet a long list are generators: they yield between slices so that the event loop runs.
 */

/** Bytes walked between two yields: a millisecond or two, so that probes are answered beside 64 MB files. */
export const SLICE_BYTES = 1 << 20;
/** Real records are at least this long; rows are set aside accordingly. */
const RECORD_BYTES = 1024;
/** Texts inside texts: SQS holds SNS holds a record. */
const MAX_TEXT_LAYERS = 3;
/** A record given as a JSON string is parsed at most twice (DESIGN 4.1). */
const MAX_BARE_LAYERS = 2;

const QUOTE = 0x22;
const OPEN_BRACKET = 0x5b;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACKET = 0x5d;
const COMMA = 0x2c;
const LINE_FEED = 0x0a;

/** Members that hold a record as text: `event` and `Records` when a template double-encoded them. */
const TEXT_MEMBERS = [MEMBER.message, MEMBER.Message, MEMBER.body, MEMBER.event, MEMBER.Records];

/** The walk over one JSON text. */
export class Walk {
  readonly #bytes: Buffer;
  readonly #limits: DecodeLimits;
  readonly #budget: RecordBudget;
  readonly #scanner: JsonScanner;
  readonly #index: MemberIndex;
  readonly #fallbackTime: string | undefined;
  readonly #layer: number;
  #entries: Entry[] = [];
  #sliceEnd = SLICE_BYTES;
  #valueEnd = -1;

  constructor(bytes: Buffer, limits: DecodeLimits, budget: RecordBudget, layer = 0, fallbackTime?: string) {
    this.#bytes = bytes;
    this.#limits = limits;
    this.#budget = budget;
    this.#scanner = new JsonScanner(bytes);
    this.#index = new MemberIndex(this.#scanner, Math.ceil(bytes.length / RECORD_BYTES));
    this.#layer = layer;
    this.#fallbackTime = fallbackTime;
  }

  isBlank(): boolean {
    return this.#scanner.skipSpace(0) >= this.#bytes.length;
  }

  /** True when the first value was whole, on one line, and that line ended before the fault at `offset`. */
  endsLineAt(offset: number): boolean {
    if (this.#valueEnd < 0) return false;
    const lineFeed = this.#bytes.indexOf(LINE_FEED, this.#scanner.skipSpace(0));
    return lineFeed >= this.#valueEnd && lineFeed < offset;
  }

  /**
   * The document when it is one record and nothing else, which is what most small requests are: found
   * without the generators. Undefined when it is anything else, as if nothing had been walked.
   * @throws {JsonFault}
   * @throws {LimitFault}
   */
  singleRecord(): Document | undefined {
    const start = this.#scanner.skipSpace(0);
    if (this.#bytes[start] !== OPEN_BRACE) return undefined;
    this.#scanner.deepest = 0;
    const row = this.#index.open(start);
    const end = this.#index.readMembers(row, start);
    if (end < 0 || !isRecord(this.#index, row) || this.#scanner.skipSpace(end) < this.#bytes.length) {
      this.#index.forgetBehind(row - 1);
      return undefined;
    }
    this.#record(row, this.#scanner.deepest);
    return { bytes: this.#bytes, entries: this.#entries, shape: 'single', broken: false };
  }

  /**
   * Walks the whole text. When it breaks off, what it took of the budget is given back.
   * @throws {JsonFault}
   * @throws {LimitFault}
   */
  *document(): Generator<undefined, Document, unknown> {
    try {
      return yield* this.#whole();
    } catch (fault) {
      this.#forgetFrom(0);
      throw fault;
    }
  }

  *#whole(): Generator<undefined, Document, unknown> {
    const start = this.#scanner.skipSpace(0);
    const single = this.#bytes[start] !== OPEN_BRACKET;
    const isList = yield* this.#value(start, 0);
    const end = this.#scanner.skipSpace(this.#valueEnd);
    if (end < this.#bytes.length) throw new JsonFault(end);
    return {
      bytes: this.#bytes,
      entries: this.#entries,
      shape: single && !isList ? 'single' : 'list',
      broken: false,
    };
  }

  /** Walks the value at `start`, sets `#valueEnd`; answers whether it is a list of records. */
  *#value(start: number, depth: number): Generator<undefined, boolean, unknown> {
    const byte = this.#bytes[start];
    if (byte === OPEN_BRACE) return yield* this.#object(start, depth);
    if (byte === OPEN_BRACKET) {
      this.#valueEnd = yield* this.#list(start, depth + 1);
      return true;
    }
    const end = this.#scanner.skipValue(start);
    this.#valueEnd = end;
    if (byte === QUOTE) return yield* this.#bareText(start, end);
    this.#refuse('not_a_record', undefined);
    return false;
  }

  /** Walks the elements of the array at `start`; answers the offset behind it. */
  *#list(start: number, depth: number): Generator<undefined, number, unknown> {
    if (depth > this.#limits.maxEnvelopeDepth) throw new LimitFault('too_deep');
    const scanner = this.#scanner;
    const bytes = this.#bytes;
    let at = scanner.skipSpace(start + 1);
    if (bytes[at] === CLOSE_BRACKET) return at + 1;
    for (;;) {
      if (bytes[at] === OPEN_BRACE) {
        // The common case stays out of generators: a record, or anything else without a list in it.
        scanner.deepest = 0;
        const row = this.#index.open(at);
        const end = this.#index.readMembers(row, at);
        if (end >= 0 && isRecord(this.#index, row)) this.#record(row, scanner.deepest);
        else yield* this.#rest(row, end, depth, this.#entries.length);
        at = end >= 0 ? end : this.#valueEnd;
      } else {
        yield* this.#value(at, depth);
        at = this.#valueEnd;
      }
      if (at > this.#sliceEnd) {
        this.#sliceEnd = at + SLICE_BYTES;
        yield;
      }
      at = scanner.skipSpace(at);
      if (bytes[at] === CLOSE_BRACKET) return at + 1;
      if (bytes[at] !== COMMA) throw new JsonFault(at);
      at = scanner.skipSpace(at + 1);
    }
  }

  *#object(start: number, depth: number): Generator<undefined, boolean, unknown> {
    this.#scanner.deepest = 0;
    const row = this.#index.open(start);
    const end = this.#index.readMembers(row, start);
    return yield* this.#rest(row, end, depth, this.#entries.length);
  }

  /** Finishes the object of `row`: `end` is behind it, or the complement of a list's offset inside it. */
  *#rest(
    row: number,
    end: number,
    depth: number,
    firstEntry: number,
  ): Generator<undefined, boolean, unknown> {
    const index = this.#index;
    let at = end;
    let list = 0;
    let tooDeep: LimitFault | undefined;
    while (at < 0) {
      list = ~at;
      tooDeep = undefined;
      this.#forgetFrom(firstEntry, row); // of duplicate keys the last wins
      let listEnd: number;
      try {
        listEnd = isRecord(this.#index, row)
          ? this.#scanner.skipValue(list)
          : yield* this.#list(list, depth + 1);
      } catch (fault) {
        if (!(fault instanceof LimitFault && fault.code === 'too_deep')) throw fault;
        tooDeep = fault; // unless this turns out to be a record: then it is that record's error
        listEnd = this.#scanner.skipValue(list);
      }
      at = index.readMembers(row, listEnd);
    }
    this.#valueEnd = at;
    if (isRecord(this.#index, row)) {
      this.#forgetFrom(firstEntry, row);
      this.#record(row, list > 0 ? this.#depthOf(row) : this.#scanner.deepest);
      return false;
    }
    const holdsList =
      list > 0 &&
      (index.valueStart(row, MEMBER.Records) === list || index.valueStart(row, MEMBER.logEvents) === list);
    if (holdsList && tooDeep !== undefined) throw tooDeep;
    const isControl = this.#text(row, MEMBER.messageType) === 'CONTROL_MESSAGE';
    if (!holdsList || isControl) this.#forgetFrom(firstEntry, row);
    return holdsList || isControl ? true : yield* this.#wrapped(row);
  }

  /** An object that is no record and holds no list: an envelope around one record or text, or neither. */
  *#wrapped(row: number): Generator<undefined, boolean, unknown> {
    const index = this.#index;
    const end = this.#valueEnd;
    const place: Place = { index, row };
    const error = knownStranger(this.#index, row);
    if (error !== undefined) {
      this.#refuse(error, place);
      return false;
    }
    const time = presentString(this.#text(row, MEMBER['@timestamp'])) ?? this.#fallbackTime;
    let reason: RecordErrorCode = 'not_a_record';
    for (const inner of this.#candidates(row)) {
      if (this.#bytes[inner.start] === OPEN_BRACE) {
        const innerRow = this.#openAt(inner.start);
        if (!isRecord(this.#index, innerRow)) continue;
        this.#record(innerRow, this.#depthOf(innerRow), place, time);
      } else if (this.#bytes[inner.start] === QUOTE) {
        const found = yield* this.#textInside(inner.start, inner.end, place, time);
        if (found !== 'single' && found !== 'list') {
          if (found !== 'not_a_record') reason = found;
          continue;
        }
        this.#valueEnd = end;
        return found === 'list';
      } else continue;
      this.#valueEnd = end;
      return false;
    }
    this.#valueEnd = end;
    this.#refuse(reason, place);
    return false;
  }

  /** Where a record may lie in an envelope, most trusted first. */
  *#candidates(row: number): Generator<{ start: number; end: number }, void, void> {
    const { detail, event, original, cloudtrail, aws, Sns, Message } = MEMBER;
    yield* this.#member(row, detail);
    yield* this.#memberBelow(row, event, original);
    for (const column of TEXT_MEMBERS) yield* this.#member(row, column);
    yield* this.#memberBelow(row, Sns, Message);
    yield* this.#member(row, cloudtrail);
    yield* this.#memberBelow(row, aws, cloudtrail);
  }

  *#member(row: number, column: number): Generator<{ start: number; end: number }, void, void> {
    const start = this.#index.valueStart(row, column);
    if (start !== 0) yield { start, end: this.#index.valueEnd(row, column) };
  }

  /** The member `column` of the object in the member `outer`. */
  *#memberBelow(
    row: number,
    outer: number,
    column: number,
  ): Generator<{ start: number; end: number }, void, void> {
    const start = this.#index.valueStart(row, outer);
    if (start !== 0 && this.#bytes[start] === OPEN_BRACE) yield* this.#member(this.#openAt(start), column);
  }

  /** A JSON string in the place of a record. */
  *#bareText(start: number, end: number): Generator<undefined, boolean, unknown> {
    if (this.#layer >= MAX_BARE_LAYERS) {
      this.#refuse('not_a_record', undefined);
      return false;
    }
    const inner = yield* this.#walkText(start, end, this.#fallbackTime);
    if (inner.document === undefined) {
      this.#refuse(inner.reason, undefined);
      return false;
    }
    const isList = inner.document.shape === 'list';
    for (const entry of inner.document.entries) {
      const place =
        isList || entry.place === undefined ? undefined : { ...entry.place, text: { start, end } };
      if (entry.answers) this.#entries.push({ ...entry, place });
    }
    return isList;
  }

  /** A text inside the object at `place`. */
  *#textInside(
    start: number,
    end: number,
    place: Place,
    time: string | undefined,
  ): Generator<undefined, 'single' | 'list' | RecordErrorCode, unknown> {
    if (this.#layer >= MAX_TEXT_LAYERS) return 'not_a_record';
    const inner = yield* this.#walkText(start, end, time);
    if (inner.document === undefined) return inner.reason;
    const { entries, shape } = inner.document;
    if (shape === 'list') {
      this.#entries.push({ event: undefined, error: 'merge_impossible', place, answers: false });
      for (const entry of entries) if (entry.answers) this.#entries.push({ ...entry, place: undefined });
      return 'list';
    }
    const [only] = entries;
    if (only === undefined || only.error === 'not_a_record') {
      this.#budget.giveBack(entries.length);
      return 'not_a_record';
    }
    this.#entries.push({ ...only, place });
    return 'single';
  }

  *#walkText(
    start: number,
    end: number,
    time: string | undefined,
  ): Generator<
    undefined,
    { document: Document } | { document: undefined; reason: RecordErrorCode },
    unknown
  > {
    const none = { document: undefined, reason: 'not_a_record' } as const;
    const text = JSON.parse(this.#bytes.toString('utf8', start, end)) as string;
    const first = text.trimStart()[0];
    if (first !== '{' && first !== '[' && first !== '"') return none;
    const walk = new Walk(Buffer.from(text), this.#limits, this.#budget, this.#layer + 1, time);
    try {
      return { document: yield* walk.document() };
    } catch (fault) {
      // A text is somebody's content: its depth is its own error, not the request's.
      if (fault instanceof LimitFault && fault.code === 'too_deep') return { ...none, reason: 'too_deep' };
      if (!(fault instanceof JsonFault)) throw fault;
      return { ...none, reason: isJavaText(text) ? 'java_text' : 'not_a_record' };
    }
  }

  #record(row: number, depth: number, place: Place = { index: this.#index, row }, time?: string): void {
    const event = new ScannedEvent(this.#index, row, time ?? this.#fallbackTime);
    const error = this.#recordError(row, depth, event);
    this.#budget.take();
    this.#entries.push({ event: error === undefined ? event : undefined, error, place, answers: true });
  }

  #recordError(row: number, depth: number, event: CloudTrailEvent): RecordErrorCode | undefined {
    if (depth > this.#limits.maxDepth) return 'too_deep';
    if (event.eventSource !== undefined && event.eventName !== undefined) return undefined;
    const isInsight = this.#index.has(row, MEMBER.insightDetails) || event.eventCategory === 'Insight';
    return isInsight ? 'insight_event' : 'invalid_record';
  }

  #refuse(error: RecordErrorCode, place: Place | undefined): void {
    this.#budget.take();
    this.#entries.push({ event: undefined, error, place, answers: true });
  }

  /** Takes back the entries from `count` on, with the rows behind `row` that they are about. */
  #forgetFrom(count: number, row?: number): void {
    let taken = 0;
    for (const { answers } of this.#entries.slice(count)) if (answers) taken++;
    this.#budget.giveBack(taken);
    this.#entries.length = count;
    if (row !== undefined) this.#index.forgetBehind(row);
  }

  /** Opens and walks an object that was validated already. */
  #openAt(start: number): number {
    const row = this.#index.open(start);
    for (let at = this.#index.readMembers(row, start); at < 0; ) {
      at = this.#index.readMembers(row, this.#scanner.skipValue(~at));
    }
    return row;
  }

  #depthOf(row: number): number {
    this.#scanner.deepest = 0;
    this.#scanner.skipValue(this.#index.start(row));
    return this.#scanner.deepest - 1;
  }

  #text(row: number, column: number): string | undefined {
    const start = this.#index.valueStart(row, column);
    if (start === 0 || this.#bytes[start] !== QUOTE) return undefined;
    return JSON.parse(this.#bytes.toString('utf8', start, this.#index.valueEnd(row, column))) as string;
  }
}

/** `{eventID=…, …}`: what Java prints for a map, and Logstash for a list of them. */
export function isJavaText(text: string): boolean {
  return /^\s{0,16}\[?\{[A-Za-z@_][A-Za-z0-9@_.-]{0,64}=/.test(text);
}
