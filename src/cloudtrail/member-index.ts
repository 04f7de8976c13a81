import { JsonFault, type JsonScanner } from './json-scanner.ts';

/**
 * Where the members of objects lie in the received bytes. One row per object, in one shared integer
 * array: for every member name known here the offsets of its value, so that enrichers decode only what
 * they read and encode can replace or append members without touching the rest.
 */

/** Member names worth remembering: what enrichers read, then what envelopes are recognized by. */
export const MEMBERS = [
  'eventVersion',
  'eventTime',
  'eventSource',
  'eventName',
  'awsRegion',
  'sourceIPAddress',
  'sourceIpAddress',
  'userAgent',
  'errorCode',
  'errorMessage',
  'requestID',
  'eventID',
  'eventType',
  'eventCategory',
  'readOnly',
  'managementEvent',
  'recipientAccountId',
  'sharedEventID',
  'vpcEndpointId',
  'sessionCredentialFromConsole',
  'userIdentity',
  'requestParameters',
  'responseElements',
  'additionalEventData',
  'serviceEventDetails',
  'insightDetails',
  'resources',
  'tlsDetails',
  '@timestamp',
  'detrails',
  'threat',
  'Records',
  'detail',
  'detail-type',
  'messageType',
  'logEvents',
  'Message',
  'Sns',
  'body',
  'message',
  'event',
  'original',
  'aws',
  'cloudtrail',
  'digestS3Object',
  'version',
  'UID',
] as const;

export type MemberName = (typeof MEMBERS)[number];

/** Column of a member in a row. */
export const MEMBER: { readonly [Name in MemberName]: number } = Object.fromEntries(
  MEMBERS.map((name, index) => [name, index]),
) as { [Name in MemberName]: number };

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACE = 0x7d;

/** A row: start and end of the object, then start and end per member (both 0: absent), then key starts. */
const OBJECT_START = 0;
const OBJECT_END = 1;
const FIRST_MEMBER = 2;
const KEY_STARTS = FIRST_MEMBER + MEMBERS.length * 2;
/** Only members that encode may take out remember where their key starts. */
const KEYED = [MEMBER.detrails, MEMBER.threat];
/** Members whose arrays the caller walks; until it has, such an array counts as one byte long. */
const LISTS = [MEMBER.Records, MEMBER.logEvents];
const ROW_LENGTH = KEY_STARTS + KEYED.length;

/**
 * Finds the column of a key by a perfect hash of its length and four of its bytes: one look, one compare.
 * The multipliers are searched at load, so that adding a name above needs nothing else.
 */
const HASH_SLOTS = 512;
const NAME_BYTES = MEMBERS.map((name) => new Uint8Array(Buffer.from(name)));
const HASH = findPerfectHash(NAME_BYTES);

/** Rows of small bodies share blocks: memory of its own for every request would cost more than its walk. */
const BLOCK_ROWS = 256;
const SMALL_ROWS = 16;
let block = new Int32Array(0);
let blockUsed = 0;

function takeRows(count: number): Int32Array {
  const length = ROW_LENGTH * count;
  if (count > SMALL_ROWS) return new Int32Array(length);
  if (blockUsed + length > block.length) {
    block = new Int32Array(ROW_LENGTH * BLOCK_ROWS);
    blockUsed = 0;
  }
  blockUsed += length;
  return block.subarray(blockUsed - length, blockUsed);
}

/** Per column (and, first, for the start of an object) the column that came next last time; -1 unknown. */
const SUCCESSORS = new Int16Array(MEMBERS.length + 1).fill(-1);

/** Rows of one buffer, growing with its objects. */
export class MemberIndex {
  readonly scanner: JsonScanner;
  #rows: Int32Array;
  #count = 0;

  /** @param expectedObjects how many rows to make room for at first */
  constructor(scanner: JsonScanner, expectedObjects = 1) {
    this.scanner = scanner;
    this.#rows = takeRows(Math.max(1, expectedObjects));
  }

  /** Appends a row for the object whose opening brace is at `position`; walk it with {@link readMembers}. */
  open(position: number): number {
    const row = this.#newRow();
    this.#rows[row * ROW_LENGTH + OBJECT_START] = position;
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
    const base = row * ROW_LENGTH;
    const atBrace = position === this.#rows[base + OBJECT_START];
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
        at = scanner.skipSpace(at + 1);
      }
      if (bytes[at] !== QUOTE) throw new JsonFault(at);
      const keyStart = at;
      // AWS writes members in one order: guess the one that followed last time, and compare once.
      let column = SUCCESSORS[previous + 1] as number;
      let keyEnd = column < 0 ? 0 : endOfKey(bytes, keyStart, column);
      if (keyEnd === 0) {
        keyEnd = scanner.skipString(at);
        column = columnOf(bytes, keyStart + 1, keyEnd - 1);
        SUCCESSORS[previous + 1] = column;
      }
      previous = column;
      const start = scanner.skipColon(keyEnd);
      if (bytes[start] === OPEN_BRACKET && (column === MEMBER.Records || column === MEMBER.logEvents)) {
        this.#remember(base, column, keyStart, start, start + 1);
        return ~start;
      }
      const end = bytes[start] === QUOTE ? scanner.skipString(start) : scanner.skipValue(start);
      if (column >= 0) this.#remember(base, column, keyStart, start, end);
      at = scanner.skipSpace(end);
    }
  }

  /** Gives up every row behind `row`: what they were about is forgotten. */
  forgetBehind(row: number): void {
    this.#count = row + 1;
  }

  /** True when the row's object has this member. */
  has(row: number, column: number): boolean {
    return this.valueStart(row, column) !== 0;
  }

  /** Offset of the object's opening brace. */
  start(row: number): number {
    return this.#rows[row * ROW_LENGTH + OBJECT_START] as number;
  }

  /** Offset behind the object's closing brace. */
  end(row: number): number {
    return this.#rows[row * ROW_LENGTH + OBJECT_END] as number;
  }

  /** Offset of the member's value, 0 when the object has no such member. Of duplicates the last. */
  valueStart(row: number, column: number): number {
    return this.#rows[row * ROW_LENGTH + FIRST_MEMBER + column * 2] as number;
  }

  /** Offset behind the member's value. */
  valueEnd(row: number, column: number): number {
    return this.#rows[row * ROW_LENGTH + FIRST_MEMBER + column * 2 + 1] as number;
  }

  /** Offset of the key of `detrails` or `threat`, 0 when absent. */
  keyStart(row: number, column: number): number {
    return this.#rows[row * ROW_LENGTH + KEY_STARTS + KEYED.indexOf(column)] as number;
  }

  #newRow(): number {
    const row = this.#count++;
    const needed = this.#count * ROW_LENGTH;
    if (needed > this.#rows.length) {
      const grown = new Int32Array(Math.max(needed, this.#rows.length * 2));
      grown.set(this.#rows);
      this.#rows = grown;
    } else {
      this.#rows.fill(0, row * ROW_LENGTH, needed);
    }
    return row;
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
    const keyed = KEYED.indexOf(column);
    if (keyed >= 0) this.#rows[base + KEY_STARTS + keyed] = keyStart;
  }
}

/** The offset behind the closing quote when the key at `keyStart` is that of `column`, else 0. */
function endOfKey(bytes: Uint8Array, keyStart: number, column: number): number {
  const name = NAME_BYTES[column] as Uint8Array;
  const end = keyStart + 1 + name.length;
  return bytes[end] === QUOTE && sameBytes(bytes, keyStart + 1, name) ? end + 1 : 0;
}

/** The column of the key whose bytes lie in `[start, end)`, or -1. */
function columnOf(bytes: Uint8Array, start: number, end: number): number {
  const length = end - start;
  if (length === 0) return -1;
  const slot = hashSlot(bytes, start, length, HASH.a, HASH.b);
  const column = HASH.slots[slot] as number;
  if (column >= 0) {
    const name = NAME_BYTES[column] as Uint8Array;
    if (name.length === length && sameBytes(bytes, start, name)) return column;
  }
  return escapedColumn(bytes, start, end);
}

/** A key may be spelled with escapes; `JSON.parse` would see through them, so must we. */
function escapedColumn(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && bytes[at] !== BACKSLASH) at++;
  if (at === end) return -1;
  const key: unknown = JSON.parse(Buffer.from(bytes.subarray(start - 1, end + 1)).toString());
  return (MEMBERS as readonly unknown[]).indexOf(key);
}

function sameBytes(bytes: Uint8Array, start: number, name: Uint8Array): boolean {
  for (let i = 0; i < name.length; i++) if (bytes[start + i] !== name[i]) return false;
  return true;
}

function hashSlot(bytes: Uint8Array, start: number, length: number, a: number, b: number): number {
  const first = bytes[start] as number;
  const middle =
    (bytes[start + (length >> 1)] as number) + (bytes[start + ((length * 3) >> 2)] as number) * 7;
  const last = bytes[start + length - 1] as number;
  return (length * a + first * b + middle * 13 + last) & (HASH_SLOTS - 1);
}

/**
 * Multipliers by which no two of the names share a slot, and the slots.
 * @throws {Error} when two names agree in all that the hash looks at
 */
export function findPerfectHash(names: readonly Uint8Array[]): {
  readonly a: number;
  readonly b: number;
  readonly slots: Int16Array;
} {
  for (let a = 1; a < HASH_SLOTS; a++) {
    for (let b = 1; b < HASH_SLOTS; b++) {
      const slots = new Int16Array(HASH_SLOTS).fill(-1);
      const fits = names.every((name, column) => {
        const slot = hashSlot(name, 0, name.length, a, b);
        if (slots[slot] !== -1) return false;
        slots[slot] = column;
        return true;
      });
      if (fits) return { a, b, slots };
    }
  }
  throw new Error('no perfect hash: two names agree in all that the hash looks at');
}
