import type { Decoded, DecodeFault, DecodeLimits, Document, Entry, Lines } from './decoded.ts';
import { JsonFault, JsonScanner } from './json-scanner.ts';
import { LimitFault, RecordBudget } from './record-budget.ts';
import { isJavaText, SLICE_BYTES, Walk } from './walk.ts';

/**
 * Finds the records inside whatever envelope arrived (DESIGN 4.1) and remembers where each lies in the
 * received bytes. One walk validates, indexes and recognizes; nothing is parsed that no enricher reads.
 */

const LINE_FEED = 0x0a;
const OPEN_BRACE = 0x7b;
/** Of `{"Records":`. */
const CAPITAL_R = 0x52;

/**
 * Decodes a body. A generator, so that the caller may let the event loop run between slices; its return
 * value is the answer.
 */
export function* decode(
  body: Buffer,
  lines: Lines,
  limits: DecodeLimits,
): Generator<undefined, Decoded, unknown> {
  const bytes = withoutByteOrderMark(body);
  const decoded = yield* decodeText(bytes, lines, limits);
  if (decoded.ok || decoded.offset === undefined) return decoded;
  return { ...decoded, offset: decoded.offset + body.length - bytes.length };
}

/**
 * The document of a body that is one record and nothing else, found without generators; undefined when it is
 * anything else, or broken, or begins as log files do.
 */
export function decodeSingle(body: Buffer, limits: DecodeLimits): Document | undefined {
  if (body[0] !== OPEN_BRACE || body[2] === CAPITAL_R) return undefined;
  try {
    return new Walk(body, limits, new RecordBudget(limits.maxRecords)).singleRecord();
  } catch (fault) {
    if (fault instanceof JsonFault || fault instanceof LimitFault) return undefined;
    throw fault;
  }
}

function* decodeText(
  bytes: Buffer,
  lines: Lines,
  limits: DecodeLimits,
): Generator<undefined, Decoded, unknown> {
  try {
    if (lines === 'always') return yield* decodeLines(bytes, limits);
    const walk = new Walk(bytes, limits, new RecordBudget(limits.maxRecords));
    try {
      return { ok: true, format: 'json', documents: [yield* walk.document()] };
    } catch (fault) {
      if (!(fault instanceof JsonFault)) throw fault;
      if (lines === 'maybe' && walk.endsLineAt(fault.offset)) return yield* decodeLines(bytes, limits);
      return { ok: false, code: faultCode(bytes), offset: fault.offset };
    }
  } catch (fault) {
    if (fault instanceof LimitFault) return { ok: false, code: fault.code };
    throw fault;
  }
}

/** Runs a sliced computation to its end without letting go of the event loop. */
export function runSlices<Result>(slices: Generator<undefined, Result, unknown>): Result {
  for (;;) {
    const step = slices.next();
    if (step.done === true) return step.value;
  }
}

function* decodeLines(bytes: Buffer, limits: DecodeLimits): Generator<undefined, Decoded, unknown> {
  const documents: Document[] = [];
  const budget = new RecordBudget(limits.maxRecords);
  let firstFault: number | undefined;
  let parsed = 0;
  let sliceEnd = SLICE_BYTES;
  for (let start = 0; start < bytes.length; ) {
    const lineFeed = bytes.indexOf(LINE_FEED, start);
    const end = lineFeed < 0 ? bytes.length : lineFeed + 1;
    const line = bytes.subarray(start, end);
    try {
      const walk = new Walk(line, limits, budget);
      if (walk.isBlank()) documents.push({ bytes: line, entries: [], shape: 'list', broken: true });
      else {
        documents.push(walk.singleRecord() ?? (yield* walk.document()));
        parsed++;
      }
    } catch (fault) {
      if (!(fault instanceof JsonFault)) throw fault;
      firstFault ??= start + fault.offset;
      budget.take();
      documents.push({ bytes: line, entries: [BROKEN_LINE], shape: 'single', broken: true });
    }
    start = end;
    if (start > sliceEnd) {
      sliceEnd = start + SLICE_BYTES;
      yield;
    }
  }
  if (parsed === 0) return { ok: false, code: faultCode(bytes), offset: firstFault ?? bytes.length };
  return { ok: true, format: 'ndjson', documents };
}

const BROKEN_LINE: Entry = { event: undefined, error: 'not_a_record', place: undefined, answers: true };

function withoutByteOrderMark(body: Buffer): Buffer {
  return body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf ? body.subarray(3) : body;
}

function faultCode(bytes: Buffer): DecodeFault {
  if (new JsonScanner(bytes).skipSpace(0) === bytes.length) return 'empty_body';
  return isJavaText(bytes.toString('latin1', 0, 256)) ? 'java_text' : 'invalid_json';
}
