import type { CloudTrailEvent } from './event.ts';
import type { MemberIndex } from './member-index.ts';
import type { RecordErrorCode } from './record-error.ts';

/** What decoding a request yields. */

/** Whether a body is lines of JSON: declared, possible (taken when it looks so), or not looked for. */
export type Lines = 'always' | 'maybe' | 'never';

/** Bounds of one request. */
export type DecodeLimits = {
  /** Records in a request. */
  readonly maxRecords: number;
  /** Nesting inside a record; deeper is that record's error. */
  readonly maxDepth: number;
  /** Nesting of envelopes; deeper refuses the request. */
  readonly maxEnvelopeDepth: number;
};

/** The object that detrails members are appended to, and the bytes it replaces when it came as a text. */
export type Place = {
  readonly index: MemberIndex;
  readonly row: number;
  /** Range in the document of the JSON string that held the object; absent when the object stands there itself. */
  readonly text?: { readonly start: number; readonly end: number };
};

/** One record, one thing that is none, or (`event` and `answers` absent) an object that cannot be merged into. */
export type Entry = {
  readonly event: CloudTrailEvent | undefined;
  readonly error: RecordErrorCode | undefined;
  readonly place: Place | undefined;
  /** False for the marks that only merge output shows: `output=enrichments` has no item for them. */
  readonly answers: boolean;
};

/** One JSON text: the body, or a line of NDJSON. */
export type Document = {
  readonly bytes: Buffer;
  /** In document order. */
  readonly entries: readonly Entry[];
  /** Whether one record or a list was sent, whatever the number of elements. */
  readonly shape: 'single' | 'list';
  /** True for an NDJSON line that is no JSON: it goes back as it came. */
  readonly broken: boolean;
};

export type Decoded =
  | { readonly ok: true; readonly format: 'json' | 'ndjson'; readonly documents: readonly Document[] }
  | { readonly ok: false; readonly code: DecodeFault; readonly offset?: number };

export type DecodeFault = 'invalid_json' | 'empty_body' | 'java_text' | 'too_many_records' | 'too_deep';
