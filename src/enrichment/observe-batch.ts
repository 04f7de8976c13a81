import type { Document } from '../cloudtrail/decoded.ts';
import type { CloudTrailEvent } from '../cloudtrail/event.ts';
import type { SessionObservation } from '../sessions/observation.ts';
import { observeSession } from '../sessions/observe.ts';
import type { Contribution, StoredRecord } from '../store/port.ts';
import { ancestorReads } from './session/ancestors.ts';
import { sessionContributions } from './session/record-operations.ts';

/** What one event teaches and asks. */
export type Observation = {
  readonly event: CloudTrailEvent;
  readonly session: SessionObservation;
};

/** The merged records of a batch by key. */
export type Records = ReadonlyMap<string, StoredRecord>;

/** Further exchanges a batch may need: ancestors of chains, analyses that a history names. */
export const MAX_ROUNDS = 3;

/** Events observed between two yields. */
const SLICE_EVENTS = 512;

/** Observes every event of a batch, in document order. Yields between slices; nothing is stored yet. */
export function* observeBatch(documents: readonly Document[]): Generator<void, readonly Observation[], void> {
  const observations: Observation[] = [];
  for (const { entries } of documents) {
    for (const { event } of entries) {
      if (event === undefined) continue;
      observations.push({ event, session: observeSession(event) });
      if (observations.length % SLICE_EVENTS === 0) yield;
    }
  }
  return observations;
}

/** What the batch teaches: goes into the store before any of its records is enriched. */
export function contributionsOf(observations: readonly Observation[]): readonly Contribution[] {
  return sessionContributions(observations.map(({ session }) => session));
}

/**
 * What has to be asked in a further round, when `records` are known.
 *
 * @param asked keys asked before; grows
 */
export function followUps(
  observations: readonly Observation[],
  records: Records,
  asked: Set<string>,
): readonly Contribution[] {
  return ancestorReads(
    observations.map(({ session }) => session),
    records,
    asked,
  );
}
