import { setImmediate } from 'node:timers/promises';
import { decode } from '../cloudtrail/decode.ts';
import type { DecodeFault, DecodeLimits, Document, Entry } from '../cloudtrail/decoded.ts';
import type { CloudTrailEvent } from '../cloudtrail/event.ts';
import { MergeWriter } from '../cloudtrail/merge.ts';
import type { RecordErrorCode } from '../cloudtrail/record-error.ts';
import type { Store } from '../store/port.ts';
import { enrichRecord, type Snapshot } from './enrich-record.ts';
import { detrailsText, errorText, type Profile, type Sections } from './serialize.ts';

/**
 * The one place that awaits: bytes → decode → observe → exchange → enrich → encode → bytes (DESIGN
 * section 2). Long work is cut into slices, between which the event loop answers probes and small calls.
 */

/** What the caller asked for. */
export type EnrichOptions = {
  readonly output: 'merge' | 'enrichments';
  readonly profile: Profile;
  /** Whether ECS `threat` is appended beside `detrails`. */
  readonly ecs: boolean;
  readonly explain: boolean;
  /** Whether the body is lines of JSON: declared, possible, or not looked for. */
  readonly lines: 'always' | 'maybe' | 'never';
};

export type Phase = 'decode' | 'observe' | 'exchange' | 'enrich';

/** What the pipeline tells whoever counts. Called per batch or per rare event, never per record. */
export interface PipelineEvents {
  phase(phase: Phase, seconds: number): void;
  batch(tally: Tally): void;
  /** An enricher threw: a defect. The record goes back unchanged, with `detrails.error`. */
  fault(error: unknown): void;
}

/** Counts of one batch. */
export type Tally = {
  records: number;
  errors: Map<RecordErrorCode, number>;
  degraded: number;
  bytes: number;
};

export type PipelineDependencies = {
  readonly store: Store;
  /** The knowledge and context to use for a batch that starts now. */
  readonly snapshot: () => Snapshot;
  readonly limits: DecodeLimits;
  readonly events: PipelineEvents;
  /** A monotonic clock in milliseconds, for the phases' durations. */
  readonly monotonic: () => number;
};

export type EnrichResult =
  | { readonly ok: false; readonly code: DecodeFault; readonly offset?: number }
  | {
      readonly ok: true;
      readonly contentType: 'application/json' | 'application/x-ndjson';
      readonly chunks: readonly Buffer[];
      readonly records: number;
      readonly errors: number;
      readonly degraded: number;
    };

/** Records enriched between two turns of the event loop. */
const SLICE_RECORDS = 512;

/** Enriches one body. Never rejects for what the body holds. */
export async function enrichBody(
  body: Buffer,
  options: EnrichOptions,
  dependencies: PipelineDependencies,
): Promise<EnrichResult> {
  const { events, limits, monotonic } = dependencies;
  const tally: Tally = { records: 0, errors: new Map(), degraded: 0, bytes: body.length };

  const started = monotonic();
  const decoded = await runTurns(decode(body, options.lines, limits));
  events.phase('decode', (monotonic() - started) / 1000);
  if (!decoded.ok) return decoded;

  const snapshot = dependencies.snapshot();
  const enriching = monotonic();
  const batch = new Batch(options, snapshot, tally, events);
  const chunks: Buffer[] = [];
  for (const document of decoded.documents) {
    const write =
      options.output === 'merge' ? batch.merge(document) : batch.enrichments(document, decoded.format);
    for (;;) {
      const step = write.next();
      if (step.done === true) break;
      if (step.value.length > 0) chunks.push(step.value);
      if (batch.turnIsOver()) await setImmediate();
    }
  }
  events.phase('enrich', (monotonic() - enriching) / 1000);
  events.batch(tally);

  let errors = 0;
  for (const count of tally.errors.values()) errors += count;
  return {
    ok: true,
    contentType: decoded.format === 'json' ? 'application/json' : 'application/x-ndjson',
    chunks,
    records: tally.records,
    errors,
    degraded: tally.degraded,
  };
}

/** Enriches and writes the documents of one batch. */
class Batch {
  readonly #options: EnrichOptions;
  readonly #snapshot: Snapshot;
  readonly #tally: Tally;
  readonly #events: PipelineEvents;
  #sinceTurn = 0;

  constructor(options: EnrichOptions, snapshot: Snapshot, tally: Tally, events: PipelineEvents) {
    this.#options = options;
    this.#snapshot = snapshot;
    this.#tally = tally;
    this.#events = events;
  }

  /** True once per {@link SLICE_RECORDS} records. */
  turnIsOver(): boolean {
    if (this.#sinceTurn < SLICE_RECORDS) return false;
    this.#sinceTurn = 0;
    return true;
  }

  /** The document with members appended, in slices. */
  *merge(document: Document): Generator<Buffer, void, void> {
    if (document.entries.length === 0 || document.broken) {
      for (const entry of document.entries) if (entry.error !== undefined) this.#countError(entry.error);
      yield document.bytes;
      return;
    }
    const writer = new MergeWriter(document);
    for (const entry of document.entries) {
      const { place } = entry;
      const sections = this.#enrich(entry);
      if (place !== undefined) {
        const error = sections === undefined ? entry.error : undefined;
        writer.add(place, {
          detrails: this.#text(sections, error),
        });
      }
      if (++this.#sinceTurn >= SLICE_RECORDS) yield writer.flush();
    }
    yield writer.finish();
  }

  /** Only the enrichments: one object for a single record, a list for a list (DESIGN 4.2). */
  *enrichments(document: Document, format: 'json' | 'ndjson'): Generator<Buffer, void, void> {
    const end = format === 'ndjson' ? '\n' : '';
    if (format === 'ndjson' && document.broken && document.entries.length === 0) return;
    const isList = document.shape === 'list';
    let text = isList ? '{"enrichments":[' : '';
    let separator = '';
    for (const entry of document.entries) {
      const sections = this.#enrich(entry);
      if (!entry.answers) continue;
      const error = sections === undefined ? entry.error : undefined;
      text += `${separator}{"detrails":${this.#text(sections, error)}}`;
      separator = ',';
      if (++this.#sinceTurn >= SLICE_RECORDS) {
        yield Buffer.from(text);
        text = '';
      }
    }
    yield Buffer.from(`${text}${isList ? ']}' : ''}${end}`);
  }

  #text(sections: Sections | undefined, error: RecordErrorCode | undefined): string {
    return sections === undefined
      ? errorText(error ?? 'internal')
      : detrailsText(sections, this.#options.profile);
  }

  #enrich(entry: Entry): Sections | undefined {
    const { event } = entry;
    if (event === undefined) {
      this.#countError(entry.error ?? 'internal');
      return undefined;
    }
    const sections = this.#safely(event);
    if (sections === undefined) this.#countError('internal');
    else this.#tally.records++;
    return sections;
  }

  #safely(event: CloudTrailEvent): Sections | undefined {
    try {
      return enrichRecord(event, this.#snapshot);
    } catch (error) {
      this.#events.fault(error);
      return undefined;
    }
  }

  #countError(code: RecordErrorCode): void {
    this.#tally.errors.set(code, (this.#tally.errors.get(code) ?? 0) + 1);
  }
}

/** Runs slices to their end, letting the event loop turn between them. */
async function runTurns<Result>(slices: Generator<void, Result, void>): Promise<Result> {
  for (;;) {
    const step = slices.next();
    if (step.done === true) return step.value;
    await setImmediate();
  }
}
