import { type ByteText, NO_BYTES } from './byte-text.ts';
import type { Document, Place } from './decoded.ts';
import type { MemberIndex } from './member-index.ts';
import { MEMBER } from './member-names.ts';

/**
 * Puts enrichment members behind records without touching the records' own bytes: the answer is the
 * received bytes, cut at a few offsets, with new members in between.
 */

/** The members to append to one object, each a JSON text. */
export type Members = {
  readonly detrails: ByteText;
  readonly threat?: ByteText | undefined;
};

/**
 * Writes a document with its members, slice by slice: {@link add} entries in document order,
 * {@link flush} to take what is ready, {@link finish} for the rest.
 */
export class MergeWriter {
  readonly #bytes: Buffer;
  readonly #allocate: (bytes: number) => Buffer;
  #written = 0;
  #cutStarts: number[] = [];
  #cutEnds: number[] = [];
  #texts: ByteText[] = [];

  /** @param allocate gives the memory of what is written; all of it is */
  constructor(document: Document, allocate: (bytes: number) => Buffer = Buffer.allocUnsafe) {
    this.#bytes = document.bytes;
    this.#allocate = allocate;
  }

  /** Adds the members of the object at `place`; its earlier `detrails` and our earlier `threat` give way. */
  add(place: Place, members: Members): void {
    if (place.text !== undefined) {
      this.#cut(place.text.start, place.text.end, unwrapped(place, members));
      return;
    }
    const { index, row } = place;
    const end = index.end(row);
    if (!index.has(row, MEMBER.detrails) && !index.has(row, MEMBER.threat)) {
      const key = isEmptyObject(index, row) ? FIRST_KEY : NEXT_KEY;
      const { detrails, threat } = members;
      // Not templates: of their parts each would be asked whether it is a text.
      const text = threat === undefined ? key + detrails : key + detrails + THREAT_KEY + threat;
      this.#cut(end - 1, end - 1, text as ByteText);
      return;
    }
    this.#replace(index, row, members);
  }

  /** The bytes from where the last call stopped up to the last member added. */
  flush(): Buffer {
    const last = this.#cutEnds[this.#cutEnds.length - 1];
    return last === undefined ? Buffer.alloc(0) : this.#write(last);
  }

  /** The rest of the document. */
  finish(): Buffer {
    return this.#write(this.#bytes.length);
  }

  /** The rare case: members of an earlier pass are there. Edits go in ascending order of offset. */
  #replace(index: MemberIndex, row: number, members: Members): void {
    const edits: { start: number; end: number; text: ByteText }[] = [];
    const append: string[] = [];
    if (index.has(row, MEMBER.detrails))
      edits.push({ ...valueRange(index, row, MEMBER.detrails), text: members.detrails });
    else append.push(`"detrails":${members.detrails}`);
    const threatIsOurs = wroteThreat(index, row);
    if (!index.has(row, MEMBER.threat)) {
      if (members.threat !== undefined) append.push(`"threat":${members.threat}`);
    } else if (threatIsOurs && members.threat !== undefined) {
      edits.push({ ...valueRange(index, row, MEMBER.threat), text: members.threat });
    } else if (threatIsOurs) {
      edits.push({ ...memberRange(index, row, MEMBER.threat), text: NO_BYTES });
    }
    const end = index.end(row) - 1;
    if (append.length > 0) edits.push({ start: end, end, text: `,${append.join(',')}` as ByteText });
    edits.sort((a, b) => a.start - b.start);
    for (const { start, end: cutEnd, text } of edits) this.#cut(start, cutEnd, text);
  }

  #cut(start: number, end: number, text: ByteText): void {
    this.#cutStarts.push(start);
    this.#cutEnds.push(end);
    this.#texts.push(text);
  }

  #write(upTo: number): Buffer {
    const texts = this.#texts;
    const starts = this.#cutStarts;
    const ends = this.#cutEnds;
    let total = upTo - this.#written;
    for (let i = 0; i < texts.length; i++) {
      total += (texts[i] as ByteText).length - ((ends[i] as number) - (starts[i] as number));
    }
    const out = this.#allocate(total);
    let from = this.#written;
    let at = 0;
    for (let i = 0; i < texts.length; i++) {
      const start = starts[i] as number;
      this.#copy(out, at, from, start);
      at += start - from;
      at += out.write(texts[i] as ByteText, at, 'latin1');
      from = ends[i] as number;
    }
    this.#copy(out, at, from, upTo);
    this.#written = upTo;
    this.#cutStarts = [];
    this.#cutEnds = [];
    this.#texts = [];
    return out;
  }

  /** What `Buffer.copy` does, for less: Node 20 spends more on its arguments than on a record's bytes. */
  #copy(out: Buffer, at: number, from: number, to: number): void {
    const { buffer, byteOffset } = this.#bytes;
    out.set(new Uint8Array(buffer, byteOffset + from, to - from), at);
  }
}

/**
 * True when the object may get a `threat` member from us: it has none, or the one it has is ours,
 * which an earlier pass told by `detrails.attack.ecs: true`.
 */
export function mayWriteThreat(place: Place): boolean {
  return !place.index.has(place.row, MEMBER.threat) || wroteThreat(place.index, place.row);
}

function wroteThreat(index: MemberIndex, row: number): boolean {
  if (!index.has(row, MEMBER.threat) || !index.has(row, MEMBER.detrails)) return false;
  const { start, end } = valueRange(index, row, MEMBER.detrails);
  const detrails = JSON.parse((index.scanner.bytes as Buffer).toString('utf8', start, end)) as {
    attack?: { ecs?: unknown };
  } | null;
  return detrails?.attack?.ecs === true;
}

/** A record that came as a JSON string goes back as the object it held, with its members. */
function unwrapped(place: Place, members: Members): ByteText {
  const bytes = place.index.scanner.bytes as Buffer;
  const writer = new MergeWriter({ bytes, entries: [], shape: 'single', broken: false });
  writer.add({ index: place.index, row: place.row }, members);
  return writer.finish().toString('latin1') as ByteText;
}

function isEmptyObject(index: MemberIndex, row: number): boolean {
  const bytes = index.scanner.bytes;
  let at = index.end(row) - 2;
  while (isSpace(bytes[at])) at--;
  return at === index.start(row);
}

function valueRange(index: MemberIndex, row: number, column: number): { start: number; end: number } {
  return { start: index.valueStart(row, column), end: index.valueEnd(row, column) };
}

/** The member with its key and the one comma that goes with it. */
function memberRange(index: MemberIndex, row: number, column: number): { start: number; end: number } {
  const bytes = index.scanner.bytes;
  let start = index.keyStart(row, column);
  while (isSpace(bytes[start - 1])) start--;
  let end = index.valueEnd(row, column);
  if (bytes[start - 1] === COMMA) return { start: start - 1, end };
  while (isSpace(bytes[end])) end++;
  return { start, end: bytes[end] === COMMA ? end + 1 : end };
}

const COMMA = 0x2c;
const FIRST_KEY = '"detrails":';
const NEXT_KEY = ',"detrails":';
const THREAT_KEY = ',"threat":';

function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}
