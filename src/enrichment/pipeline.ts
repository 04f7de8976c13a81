import { setImmediate } from 'node:timers/promises';
import { decode } from '../cloudtrail/decode.ts';
import type { DecodeFault, DecodeLimits } from '../cloudtrail/decoded.ts';
import type { RecordErrorCode } from '../cloudtrail/record-error.ts';
import type { PolicyRef } from '../resolver/port.ts';
import type { Contribution, Store, StoredRecord } from '../store/port.ts';
import { contributionsOf, followUps, MAX_ROUNDS, type Observation, observeBatch } from './observe-batch.ts';
import type { Profile, SectionName } from './serialize.ts';
import type { Snapshot } from './snapshot.ts';
import { writeBatch } from './write-batch.ts';

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
  /** A policy that an event referred to and nobody knows; the resolver may read it for later events. */
  wanted(policy: PolicyRef): void;
  /** An enricher threw: a defect. The record goes back unchanged, with `detrails.error`. */
  fault(error: unknown): void;
}

/** Counts of one batch. */
export type Tally = {
  records: number;
  degraded: number;
  bytes: number;
  readonly errors: Map<RecordErrorCode, number>;
  /** Records per section that was written. */
  readonly sections: Map<SectionName, number>;
  unknownOperations: number;
  unknownAgents: number;
  readonly verdicts: Map<string, number>;
  readonly policies: Map<string, number>;
  readonly findings: Map<string, number>;
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

/** Enriches one body. Never rejects for what the body holds. */
export async function enrichBody(
  body: Buffer,
  options: EnrichOptions,
  dependencies: PipelineDependencies,
): Promise<EnrichResult> {
  const { events, limits, monotonic, store } = dependencies;
  let since = monotonic();
  const endPhase = (phase: Phase): void => {
    const now = monotonic();
    events.phase(phase, (now - since) / 1000);
    since = now;
  };

  const decoded = await inTurns(decode(body, options.lines, limits));
  endPhase('decode');
  if (!decoded.ok) return decoded;
  const { documents, format } = decoded;

  const snapshot = dependencies.snapshot();
  const observations = await inTurns(observeBatch(documents, snapshot.policies));
  endPhase('observe');

  const { records, degraded } = await exchange(observations, snapshot, store);
  endPhase('exchange');

  const tally = emptyTally(body.length);
  const withSources = options.profile === 'full';
  const state = { records, sessionOptions: { ...snapshot.addresses, degraded, withSources } };
  const chunks = await inTurns(
    writeBatch(documents, format, observations, options, { snapshot, state, tally, events }),
  );
  endPhase('enrich');
  events.batch(tally);

  let errors = 0;
  for (const count of tally.errors.values()) errors += count;
  return {
    ok: true,
    contentType: format === 'json' ? 'application/json' : 'application/x-ndjson',
    chunks,
    records: tally.records,
    errors,
    degraded: tally.degraded,
  };
}

/** Merges what the batch teaches into the store, and reads what follows from the answers. */
async function exchange(
  observations: readonly Observation[],
  snapshot: Snapshot,
  store: Store,
): Promise<{ records: Map<string, StoredRecord>; degraded: boolean }> {
  const records = new Map<string, StoredRecord>();
  const asked = new Set<string>();
  let degraded = false;
  let contributions: readonly Contribution[] = contributionsOf(observations);
  for (let round = 1; contributions.length > 0; round++) {
    const answer = await store.exchange(contributions);
    degraded ||= answer.degraded;
    for (const [key, record] of answer.records) records.set(key, record);
    if (round > MAX_ROUNDS) break;
    contributions = followUps(observations, snapshot.policies, records, asked, round);
  }
  return { records, degraded };
}

function emptyTally(bytes: number): Tally {
  return {
    records: 0,
    degraded: 0,
    bytes,
    errors: new Map(),
    sections: new Map(),
    unknownOperations: 0,
    unknownAgents: 0,
    verdicts: new Map(),
    policies: new Map(),
    findings: new Map(),
  };
}

/** Runs slices to their end, letting the event loop turn between them. */
async function inTurns<Result>(slices: Generator<void, Result, void>): Promise<Result> {
  for (;;) {
    const step = slices.next();
    if (step.done === true) return step.value;
    await setImmediate();
  }
}
