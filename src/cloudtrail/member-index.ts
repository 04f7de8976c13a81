import { type Identity, identityAt, knownIdentity, NO_IDENTITY } from './identity.ts';
import { JsonFault, type JsonScanner } from './json-scanner.ts';
import { columnOf, endOfKey } from './member-key.ts';
import { MEMBER, MEMBERS, REPEATED_MEMBERS } from './member-names.ts';
import { repeatedText } from './repeated-text.ts';

/**
 * Where the members of objects lie in the received bytes. One row per object, in one shared integer
 * array: for every member name known here the offsets of its value, so that enrichers decode only what
 * they read and encode can replace or append members without touching the rest.
 */

/** No white space is above it: one comparison tells that compact JSON has none. */
const SPACE = 0x20;
const QUOTE = 0x22;
const COMMA = 0x2c;
const OPEN_BRACKET = 0x5b;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/** A row: start and end of the object, then start and end per member (both 0: absent), then key starts. */
const OBJECT_START = 0;
const OBJECT_END = 1;
const FIRST_MEMBER = 2;
const KEY_STARTS = FIRST_MEMBER + MEMBERS.length * 2;
/** Only members that encode may take out (`detrails`, then `threat`) remember where their key starts. */
const KEYED_MEMBERS = 2;
/** Members whose arrays the caller walks; until it has, such an array counts as one byte long. */
const LISTS = [MEMBER.Records, MEMBER.logEvents];
const ROW_LENGTH = KEY_STARTS + KEYED_MEMBERS;

/**
 * Rows of small bodies share blocks, each body from its own first row on: memory of its own for every
 * request would cost more than its walk.
 */
const BLOCK_ROWS = 256;
const SMALL_ROWS = 16;
let block = new Int32Array(0);
let blockRows = BLOCK_ROWS;

/** Per column (and, first, for the start of an object) the column that came next last time; -1 unknown. */
const SUCCESSORS = new Int16Array(MEMBERS.length + 1).fill(-1);

const NO_ROW = -1;

/** Rows of one buffer, growing with its objects. */
export class MemberIndex {
  readonly scanner: JsonScanner;
  #rows: Int32Array;
  /** Where in {@link #rows} the first row lies, and how many there is room for. */
  #offset = 0;
  #room: number;
  #count = 0;
  /** The first row that was never used. */
  #unused = 0;
  /** What was noted of the object that was read last, and its row. */
  readonly #texts: (string | undefined)[] = [];
  #identity: Identity | undefined;
  #textsRow = NO_ROW;

  /** @param expectedObjects how many rows to make room for at first */
  constructor(scanner: JsonScanner, expectedObjects = 1) {
    this.scanner = scanner;
    const rows = Math.max(1, expectedObjects);
    this.#room = rows;
    if (rows > SMALL_ROWS) {
      this.#rows = new Int32Array(rows * ROW_LENGTH);
      return;
    }
    if (blockRows + rows > BLOCK_ROWS) {
      block = new Int32Array(BLOCK_ROWS * ROW_LENGTH);
      blockRows = 0;
    }
    this.#rows = block;
    this.#offset = blockRows * ROW_LENGTH;
    blockRows += rows;
  }

  /** Appends a row for the object whose opening brace is at `position`; walk it with {@link readMembers}. */
  open(position: number): number {
    const row = this.#newRow();
    this.#rows[this.#base(row) + OBJECT_START] = position;
    return row;
  }

  /**
   * Validates members of the row's object from `position` on: the opening brace at first, then where a
   * list ended. Stops at the value of `Records` or `logEvents` when that is an array, so that the caller
   * walks the batch's elements itself, once, and comes back.
   *
   * @returns the offset behind the object, or the bitwise complement (negative) of the array's offset
   * @throws {JsonFault}
   */
  readMembers(row: number, position: number): number {
    const scanner = this.scanner;
    const bytes = scanner.bytes;
    const base = this.#base(row);
    const atBrace = position === this.#rows[base + OBJECT_START];
    this.#beginTexts(atBrace ? row : NO_ROW);
    if (!atBrace) this.#closeList(base, position);
    let at = scanner.skipSpace(atBrace ? position + 1 : position);
    let previous = -1;
    for (let first = atBrace; ; first = false) {
      if (bytes[at] === CLOSE_BRACE) {
        this.#rows[base + OBJECT_END] = at + 1;
        return at + 1;
      }
      if (!first) {
        if (bytes[at] !== COMMA) throw new JsonFault(at);
        at++;
        if ((bytes[at] as number) <= SPACE) at = scanner.skipSpace(at);
      }
      const keyStart = at;
      // AWS writes members in one order: guess the one that followed last time, and compare once.
      let column = SUCCESSORS[previous + 1] as number;
      let start = column < 0 ? 0 : endOfKey(scanner, keyStart, column);
      if (start === 0) {
        if (bytes[at] !== QUOTE) throw new JsonFault(at);
        const keyEnd = scanner.skipString(at);
        column = columnOf(bytes, keyStart + 1, keyEnd - 1);
        SUCCESSORS[previous + 1] = column;
        start = scanner.skipColon(keyEnd);
      } else if ((bytes[start] as number) <= SPACE) start = scanner.skipSpace(start);
      previous = column;
      if (bytes[start] === OPEN_BRACKET && (column === MEMBER.Records || column === MEMBER.logEvents)) {
        this.#remember(base, column, keyStart, start, start + 1);
        return ~start;
      }
      const end = this.#skipValue(column, start);
      if (column >= 0) this.#remember(base, column, keyStart, start, end);
      at = (bytes[end] as number) <= SPACE ? scanner.skipSpace(end) : end;
    }
  }

  /** The offset behind the value of `column` at `start`; takes note of what it says when that is cheap. */
  #skipValue(column: number, start: number): number {
    const scanner = this.scanner;
    const bytes = scanner.bytes;
    if (column === MEMBER.userIdentity) this.#identity = undefined; // of duplicates the last counts
    if (bytes[start] === QUOTE) {
      const end = scanner.skipString(start);
      if (column < REPEATED_MEMBERS && column >= 0)
        this.#texts[column] = repeatedText(scanner, column, start, end);
      return end;
    }
    if (column < REPEATED_MEMBERS && column >= 0) this.#texts[column] = undefined;
    else if (column === MEMBER.userIdentity && bytes[start] === OPEN_BRACE) {
      this.#identity = knownIdentity(scanner, start);
      if (this.#identity !== undefined) {
        if (this.#identity.depth > scanner.deepest) scanner.deepest = this.#identity.depth;
        return start + this.#identity.length;
      }
    }
    return scanner.skipValue(start);
  }

  /**
   * The texts of the row's repeated members, by column; absent ones are undefined. Valid until the next
   * object is read.
   */
  texts(row: number): readonly (string | undefined)[] {
    if (this.#textsRow === row) return this.#texts;
    this.#beginTexts(row);
    for (let column = 0; column < REPEATED_MEMBERS; column++) {
      const start = this.valueStart(row, column);
      if (this.scanner.bytes[start] !== QUOTE || start === 0) continue;
      this.#texts[column] = repeatedText(this.scanner, column, start, this.valueEnd(row, column));
    }
    return this.#texts;
  }

  /** The row's `userIdentity` when it was recognized while its bytes were walked just now. */
  recognizedIdentity(row: number): Identity | undefined {
    return this.#textsRow === row ? this.#identity : undefined;
  }

  /** The row's `userIdentity`. */
  identity(row: number): Identity {
    const start = this.valueStart(row, MEMBER.userIdentity);
    return start === 0
      ? NO_IDENTITY
      : identityAt(this.scanner, start, this.valueEnd(row, MEMBER.userIdentity));
  }

  /** Gives up every row behind `row`: what they were about is forgotten. */
  forgetBehind(row: number): void {
    this.#count = row + 1;
    if (this.#textsRow > row) this.#textsRow = NO_ROW;
  }

  /** True when the row's object has this member. */
  has(row: number, column: number): boolean {
    return this.valueStart(row, column) !== 0;
  }

  /** Offset of the object's opening brace. */
  start(row: number): number {
    return this.#rows[this.#base(row) + OBJECT_START] as number;
  }

  /** Offset behind the object's closing brace. */
  end(row: number): number {
    return this.#rows[this.#base(row) + OBJECT_END] as number;
  }

  /** Offset of the member's value, 0 when the object has no such member. Of duplicates the last. */
  valueStart(row: number, column: number): number {
    return this.#rows[this.#base(row) + FIRST_MEMBER + column * 2] as number;
  }

  /** Offset behind the member's value. */
  valueEnd(row: number, column: number): number {
    return this.#rows[this.#base(row) + FIRST_MEMBER + column * 2 + 1] as number;
  }

  /** Offset of the key of `detrails` or `threat`, 0 when absent. */
  keyStart(row: number, column: number): number {
    return this.#rows[this.#base(row) + KEY_STARTS + (column === MEMBER.detrails ? 0 : 1)] as number;
  }

  #beginTexts(row: number): void {
    this.#textsRow = row;
    this.#identity = undefined;
    for (let column = 0; column < REPEATED_MEMBERS; column++) this.#texts[column] = undefined;
  }

  #newRow(): number {
    const row = this.#count++;
    if (row < this.#unused) {
      this.#rows.fill(0, this.#base(row), this.#base(row + 1));
      return row;
    }
    this.#unused = this.#count;
    if (row === this.#room) {
      this.#room = row * 2;
      const grown = new Int32Array(this.#room * ROW_LENGTH);
      grown.set(this.#rows.subarray(this.#base(0), this.#base(row)));
      this.#rows = grown;
      this.#offset = 0;
    }
    return row;
  }

  #base(row: number): number {
    return this.#offset + row * ROW_LENGTH;
  }

  /** The list that {@link readMembers} stopped at ends at `end`. */
  #closeList(base: number, end: number): void {
    for (const column of LISTS) {
      const at = base + FIRST_MEMBER + column * 2;
      const isOpen = this.#rows[at] !== 0 && this.#rows[at + 1] === (this.#rows[at] as number) + 1;
      if (isOpen && this.scanner.bytes[this.#rows[at] as number] === OPEN_BRACKET) this.#rows[at + 1] = end;
    }
  }

  #remember(base: number, column: number, keyStart: number, start: number, end: number): void {
    this.#rows[base + FIRST_MEMBER + column * 2] = start;
    this.#rows[base + FIRST_MEMBER + column * 2 + 1] = end;
    if (column === MEMBER.detrails) this.#rows[base + KEY_STARTS] = keyStart;
    else if (column === MEMBER.threat) this.#rows[base + KEY_STARTS + 1] = keyStart;
  }
}
