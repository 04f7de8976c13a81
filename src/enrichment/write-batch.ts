import { type ByteText, bytesOf } from '../cloudtrail/byte-text.ts';
import type { Document, Entry } from '../cloudtrail/decoded.ts';
import { type Members, MergeWriter, mayWriteThreat } from '../cloudtrail/merge.ts';
import type { RecordErrorCode } from '../cloudtrail/record-error.ts';
import { type BatchState, type EnrichedRecord, enrichRecord } from './enrich-record.ts';
import type { Observation } from './observe-batch.ts';
import type { BatchCounts, EnrichOptions, PipelineEvents } from './pipeline.ts';
import { errorText, restText } from './serialize.ts';
import type { Snapshot } from './snapshot.ts';

/** What writing a batch needs beside the documents. */
export type BatchContext = {
  readonly snapshot: Snapshot;
  readonly state: BatchState;
  readonly counts: BatchCounts;
  /** Gives the memory of the answer. */
  readonly allocate: (bytes: number) => Buffer;
  readonly events: Pick<PipelineEvents, 'fault' | 'wanted' | 'record' | 'refused'>;
};

/** Records written between two yields: a millisecond or two. */
const SLICE_RECORDS = 512;

/** Enriches every record of the batch and writes the answer, in slices; the result is its chunks. */
export function* writeBatch(
  documents: readonly Document[],
  format: 'json' | 'ndjson',
  observations: readonly Observation[],
  options: EnrichOptions,
  context: BatchContext,
): Generator<undefined, readonly Buffer[], unknown> {
  const writer = new BatchWriter(observations, options, context);
  const chunks: Buffer[] = [];
  for (const document of documents) {
    const slices = options.output === 'merge' ? writer.merged(document) : writer.listed(document, format);
    for (const chunk of slices) {
      if (chunk.length > 0) chunks.push(chunk);
      if (writer.turnIsOver()) yield;
    }
  }
  return chunks;
}

/** Enriches the one record of a document and writes the answer. */
export function writeSingle(
  document: Document,
  observations: readonly Observation[],
  options: EnrichOptions,
  context: BatchContext,
): Buffer {
  const writer = new BatchWriter(observations, options, context);
  if (options.output === 'merge') return writer.whole(document);
  const [chunk] = writer.listed(document, 'json');
  return chunk ?? NOTHING;
}

const NOTHING = Buffer.alloc(0);

class BatchWriter {
  readonly #observations: readonly Observation[];
  readonly #options: EnrichOptions;
  readonly #context: BatchContext;
  /** Position of the next event among the observations: both go in document order. */
  #next = 0;
  #sinceTurn = 0;

  constructor(observations: readonly Observation[], options: EnrichOptions, context: BatchContext) {
    this.#observations = observations;
    this.#options = options;
    this.#context = context;
  }

  /** True once per {@link SLICE_RECORDS} records. */
  turnIsOver(): boolean {
    if (this.#sinceTurn < SLICE_RECORDS) return false;
    this.#sinceTurn = 0;
    return true;
  }

  /** The document with members appended, in slices. */
  *merged(document: Document): Generator<Buffer, void, unknown> {
    const writer = new MergeWriter(document, this.#context.allocate);
    for (const entry of document.entries) {
      this.#merge(entry, writer);
      if (this.#sinceTurn >= SLICE_RECORDS) yield writer.flush();
    }
    yield writer.finish();
  }

  /** The document with members appended, at once. */
  whole(document: Document): Buffer {
    const writer = new MergeWriter(document, this.#context.allocate);
    for (const entry of document.entries) this.#merge(entry, writer);
    return writer.finish();
  }

  #merge(entry: Entry, writer: MergeWriter): void {
    const { place } = entry;
    const members = this.#members(entry, place === undefined || mayWriteThreat(place));
    if (place !== undefined) writer.add(place, members);
    this.#sinceTurn++;
  }

  /** Only the enrichments: one object for a single record, a list for a list (DESIGN 4.2). */
  *listed(document: Document, format: 'json' | 'ndjson'): Generator<Buffer, void, unknown> {
    const isBlankLine = document.broken && document.entries.length === 0;
    if (isBlankLine) return;
    const isList = document.shape === 'list';
    let text = isList ? '{"enrichments":[' : '';
    let separator = '';
    for (const entry of document.entries) {
      if (!entry.answers) continue;
      const { detrails, threat } = this.#members(entry, true);
      text += `${separator}{"detrails":${detrails}${threat === undefined ? '' : `,"threat":${threat}`}}`;
      separator = ',';
      if (++this.#sinceTurn >= SLICE_RECORDS) {
        yield bytesOf(text as ByteText);
        text = '';
      }
    }
    yield bytesOf(`${text}${isList ? ']}' : ''}${format === 'ndjson' ? '\n' : ''}` as ByteText);
  }

  #members(entry: Entry, mayHaveThreat: boolean): Members {
    const { counts, events } = this.#context;
    const record = entry.event === undefined ? undefined : this.#enrich();
    if (record === undefined) {
      const code: RecordErrorCode = entry.error ?? 'internal';
      counts.errors++;
      events.refused(code);
      return { detrails: errorText(code) };
    }
    const { sections } = record;
    counts.records++;
    if (sections.degraded !== undefined) counts.degraded++;
    events.record(sections);
    return this.#text(record, mayHaveThreat);
  }

  /** What is known of the next event, or undefined when an enricher failed on it. */
  #enrich(): EnrichedRecord | undefined {
    const observation = this.#observations[this.#next++];
    if (observation === undefined) return undefined;
    const { snapshot, state, events } = this.#context;
    try {
      const record = enrichRecord(observation, snapshot, state, this.#options.explain);
      if (record.wanted !== undefined) events.wanted(record.wanted);
      return record;
    } catch (error) {
      events.fault(error);
      return undefined;
    }
  }

  #text({ sections, verdict, rest }: EnrichedRecord, mayHaveThreat: boolean): Members {
    const { profile, ecs } = this.#options;
    const threat = ecs && mayHaveThreat ? verdict.threat : undefined;
    const lead = verdict.lead(profile, threat !== undefined, sections.risk);
    // Not a template: of its parts each would be asked whether it is a text.
    return { detrails: (lead + (rest ?? restText(sections, profile))) as ByteText, threat };
  }
}
