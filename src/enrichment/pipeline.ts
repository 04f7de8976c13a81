import { setImmediate } from 'node:timers/promises';
import { decode, decodeSingle } from '../cloudtrail/decode.ts';
import type { DecodeFault, DecodeLimits, Document, Lines } from '../cloudtrail/decoded.ts';
import type { RecordErrorCode } from '../cloudtrail/record-error.ts';
import type { PolicyRef } from '../resolver/port.ts';
import type { Contribution, Exchanged, LocalStore, Store } from '../store/port.ts';
import { exchangeBatch, NOTHING_EXCHANGED } from './exchange-batch.ts';
import type { Lane } from './lane.ts';
import { observeBatch, observeSingle, type Recognition } from './observe-batch.ts';
import type { Profile, Sections } from './serialize.ts';
import type { SessionOptions } from './session.ts';
import type { Snapshot } from './snapshot.ts';
import { type BatchContext, writeBatch, writeSingle } from './write-batch.ts';

/*
 * The one place that awaits: bytes → decode → observe → exchange → enrich → encode → bytes (DESIGN
 * section 2). This is the hot path, and why it is shaped as it is:
 *
 * A log says the same things over and over. The same four hundred identities make the same forty calls from
 * the same addresses with the same agents, and what an enricher says follows from these alone, but for one
 * record in a hundred. So nothing is worked out twice, and what is known is found by the cheapest key there
 * is, the identity of an object:
 *
 * 1. `cloudtrail` walks the bytes once. The walk validates (it refuses what `JSON.parse` refuses), finds the
 *    records in their envelope and notes in one integer array where each member lies. Nothing is parsed.
 * 2. A member is decoded when an enricher first reads it, most never are. Members that repeat go through
 *    caches from bytes to values: equal bytes give the *identical* string or `Caller`, without making it.
 * 3. What follows from such a value is remembered under it: which use of a key an event is
 *    (`sessions/key-use`), what the source and the name of a call say to each enricher (`verdicts`), what an
 *    agent is (`context/tools`), what is near an address. Every memory is bounded, so that somebody who makes
 *    up values costs us a computation each and never memory.
 * 4. Everybody answers with the same frozen object for the same verdict; `serialize` finds its JSON by
 *    identity. A record's text is a handful of such pieces, kept as bytes in one-byte strings.
 * 5. Nearly every event is one more use of a key from where it was used before. With the store in this
 *    process's memory, what such an event teaches is merged at once and its answer is known
 *    (`session/standing`): it is exchanged with nobody, and little is written but two pieces of text.
 * 6. What the others teach is merged once per batch and key, not per event: their operations are collected
 *    by key (and there by source), exchanged, and the answers last as long as the records' revisions.
 * 7. Records are never written again: the answer is the received bytes, copied in runs between the places
 *    where members go, into one Buffer of known size, whose memory is used again (`http/buffer-pool`).
 *
 * No promise, closure or Map is made per record, and no generator for a record that comes by itself and goes
 * on as others did. Bodies that are small are done in one go when the store answers at once; the work on
 * large ones is cut into slices of a millisecond or two, between which the event loop answers probes and
 * small calls.
 *
 * Measure with `npm run bench -- core route`, look with `npm run bench -- --profile`. What it costs, and
 * what it is compared with, stands in `test/bench/RESULTS.md`.
 */

export type { Lines } from '../cloudtrail/decoded.ts';

/** What the caller asked for. */
export type EnrichOptions = {
  readonly output: 'merge' | 'enrichments';
  readonly profile: Profile;
  /** Whether ECS `threat` is appended beside `detrails`. */
  readonly ecs: boolean;
  readonly explain: boolean;
};

export type Phase = 'decode' | 'observe' | 'exchange' | 'enrich';

/** What the pipeline tells whoever counts. */
export interface PipelineEvents {
  /** A record was enriched. Called for every record: it must be cheap. */
  record(sections: Sections): void;
  /** A record was not. */
  refused(code: RecordErrorCode): void;
  /** A batch is done. */
  batch(counts: BatchCounts, bytes: number): void;
  /** How long a phase took; only told of bodies that are not enriched at once. */
  phase(phase: Phase, seconds: number): void;
  /** A policy that an event referred to and nobody knows; the resolver may read it for later events. */
  wanted(policy: PolicyRef): void;
  /** An enricher threw: a defect. The record goes back unchanged, with `detrails.error`. */
  fault(error: unknown): void;
}

/** Counts of one batch, as in the response headers. */
export type BatchCounts = { records: number; errors: number; degraded: number };

export type PipelineDependencies = {
  readonly store: Store;
  /** The same store, when it is in this process's memory alone: it answers at once. */
  readonly local?: LocalStore | undefined;
  /** The knowledge and context to use for a batch that starts now. */
  readonly snapshot: () => Snapshot;
  readonly limits: DecodeLimits;
  /** Where bodies go that are not small: batches, and files too large for anybody to wait behind. */
  readonly batches: Lane;
  readonly files: Lane;
  readonly events: PipelineEvents;
  /** Gives the memory of an answer, which may hold anything until it is written. */
  readonly allocate: (bytes: number) => Buffer;
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

/** Bodies up to this size wait for nobody, and when the store answers at once for nothing: no promise, no timer. */
const SMALL_BYTES = 256 * 1024;
/** Larger ones are files, which nobody shall wait behind but other files. */
const BATCH_BYTES = 4 * 1024 * 1024;

/** Enriches one body. Never throws or rejects for what the body holds. */
export function enrichBody(
  body: Buffer,
  lines: Lines,
  options: EnrichOptions,
  dependencies: PipelineDependencies,
): EnrichResult | Promise<EnrichResult> {
  const { local, store } = dependencies;
  if (body.length <= SMALL_BYTES) {
    if (local === undefined) return runInTurns(stages(body, lines, options, dependencies, true), store);
    const single = lines === 'always' ? undefined : decodeSingle(body, dependencies.limits);
    return single === undefined
      ? runAtOnce(stages(body, lines, options, dependencies, false), local)
      : enrichSingle(single, body.length, options, dependencies, local);
  }
  const lane = body.length <= BATCH_BYTES ? dependencies.batches : dependencies.files;
  return lane.run(() => runInTurns(stages(body, lines, options, dependencies, true), store));
}

/** Work in steps: it yields nothing to let the event loop turn, and contributions to have them exchanged. */
type Steps<Result> = Generator<readonly Contribution[] | undefined, Result, Exchanged | undefined>;

/** The stages as a generator, so that they are written once, whoever runs them. */
function* stages(
  body: Buffer,
  lines: Lines,
  options: EnrichOptions,
  dependencies: PipelineDependencies,
  isTimed: boolean,
): Steps<EnrichResult> {
  const { events, limits, local, monotonic } = dependencies;
  let since = isTimed ? monotonic() : 0;
  const endPhase = (phase: Phase): void => {
    if (!isTimed) return;
    const now = monotonic();
    events.phase(phase, (now - since) / 1000);
    since = now;
  };

  const decoded = yield* decode(body, lines, limits);
  endPhase('decode');
  if (!decoded.ok) return decoded;
  const { documents, format } = decoded;
  const snapshot = dependencies.snapshot();
  const recognition = recognitionFor(options, snapshot, local);
  const batch = yield* observeBatch(documents, snapshot, recognition);
  endPhase('observe');
  const exchanged = yield* exchangeBatch(batch, snapshot);
  endPhase('exchange');
  const context = contextFor(exchanged, snapshot, recognition, options, dependencies);
  const chunks = yield* writeBatch(documents, format, batch.all, options, context);
  endPhase('enrich');
  return answered(chunks, format, context, body.length);
}

/**
 * The stages for one record by itself, which is what most requests of a pipeline hold. Nearly always there is
 * nothing to exchange; then no generator is made.
 */
function enrichSingle(
  document: Document,
  bytes: number,
  options: EnrichOptions,
  dependencies: PipelineDependencies,
  local: LocalStore,
): EnrichResult {
  const snapshot = dependencies.snapshot();
  const recognition = recognitionFor(options, snapshot, local);
  const batch = observeSingle(document, snapshot, recognition);
  const exchanged =
    batch.toExchange.length === 0 ? NOTHING_EXCHANGED : runAtOnce(exchangeBatch(batch, snapshot), local);
  const context = contextFor(exchanged, snapshot, recognition, options, dependencies);
  return answered([writeSingle(document, batch.all, options, context)], 'json', context, bytes);
}

/** What the answer is written with; nothing is counted yet. */
function contextFor(
  { records, degraded }: Exchanged,
  snapshot: Snapshot,
  recognition: Recognition | undefined,
  { profile }: EnrichOptions,
  { allocate, events }: PipelineDependencies,
): BatchContext & Pick<PipelineDependencies, 'events'> {
  const sessionOptions = sessionOptionsFor(snapshot, degraded, profile === 'full');
  const state = { records, sessionOptions, local: recognition?.local };
  return { snapshot, state, counts: { records: 0, errors: 0, degraded: 0 }, allocate, events };
}

function answered(
  chunks: readonly Buffer[],
  format: 'json' | 'ndjson',
  { counts, events }: ReturnType<typeof contextFor>,
  bytes: number,
): EnrichResult {
  events.batch(counts, bytes);
  const { records, errors, degraded } = counts;
  const contentType = format === 'json' ? 'application/json' : 'application/x-ndjson';
  return { ok: true, contentType, chunks, records, errors, degraded };
}

/** A store in memory is never degraded. Explanations and lists of sources are read from the records. */
function recognitionFor(
  { profile, explain }: EnrichOptions,
  snapshot: Snapshot,
  local: LocalStore | undefined,
): Recognition | undefined {
  if (local === undefined || profile === 'full' || explain) return undefined;
  return { local, options: sessionOptionsFor(snapshot, false, false) };
}

/** The same object for the same snapshot and flags: session answers are found again by it. */
function sessionOptionsFor(snapshot: Snapshot, degraded: boolean, withSources: boolean): SessionOptions {
  let variants = sessionOptions.get(snapshot.addresses);
  if (variants === undefined) {
    variants = [];
    sessionOptions.set(snapshot.addresses, variants);
  }
  const slot = (degraded ? 1 : 0) + (withSources ? 2 : 0);
  variants[slot] ??= { ...snapshot.addresses, degraded, withSources };
  return variants[slot];
}

const sessionOptions = new WeakMap<Snapshot['addresses'], SessionOptions[]>();

/** Runs steps without letting go of the event loop. */
function runAtOnce<Result>(steps: Steps<Result>, local: LocalStore): Result {
  let step = steps.next();
  while (step.done !== true) {
    const contributions = step.value;
    step =
      contributions === undefined
        ? steps.next()
        : steps.next({ records: local.exchangeNow(contributions), degraded: false });
  }
  return step.value;
}

/** Runs the stages, letting the event loop turn between slices. */
async function runInTurns(steps: Steps<EnrichResult>, store: Store): Promise<EnrichResult> {
  let step = steps.next();
  while (step.done !== true) {
    const contributions = step.value;
    if (contributions === undefined) {
      await setImmediate();
      step = steps.next();
    } else {
      step = steps.next(await store.exchange(contributions));
    }
  }
  return step.value;
}
