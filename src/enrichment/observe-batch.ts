import type { Document } from '../cloudtrail/decoded.ts';
import type { CloudTrailEvent } from '../cloudtrail/event.ts';
import { type KeyKindUse, observeKeyKind } from '../sessions/key-kind.ts';
import type { SessionObservation } from '../sessions/observation.ts';
import { observeSession } from '../sessions/observe.ts';
import type { Contribution, StoredRecord } from '../store/port.ts';
import { addKeyKinds } from './first-key-kind.ts';
import type { PolicyContext } from './policy/context.ts';
import { followPolicy, NO_POLICY, observePolicy, type PolicyObservation } from './policy.ts';
import { ancestorReads } from './session/ancestors.ts';
import { sessionContributions } from './session/record-operations.ts';

/** What one event teaches and asks. */
export type Observation = {
  readonly event: CloudTrailEvent;
  readonly session: SessionObservation;
  readonly policy: PolicyObservation;
  /** Absent for identities that have one kind of credential only. */
  readonly keyKind: KeyKindUse | undefined;
};

/** The merged records of a batch by key. */
export type Records = ReadonlyMap<string, StoredRecord>;

/** Further exchanges a batch may need: ancestors of chains, analyses that a history names. */
export const MAX_ROUNDS = 3;
/** Rounds in which policies have something to ask. */
const POLICY_ROUNDS = 2;

/** Events observed between two yields. */
const SLICE_EVENTS = 512;

/**
 * Observes every event of a batch, in document order. Nothing is stored yet. Yields between slices, and
 * after every analyzed policy document, since one may take as long as hundreds of other events.
 */
export function* observeBatch(
  documents: readonly Document[],
  policies: PolicyContext,
): Generator<undefined, readonly Observation[], unknown> {
  const observations: Observation[] = [];
  for (const { entries } of documents) {
    for (const { event } of entries) {
      if (event === undefined) continue;
      const policy = observePolicy(event, policies);
      const session = observeSession(event);
      observations.push({ event, session, policy, keyKind: observeKeyKind(event, session) });
      if (policy.analyzed !== undefined || observations.length % SLICE_EVENTS === 0) yield;
    }
  }
  return observations;
}

/** What the batch teaches: goes into the store before any of its records is enriched. */
export function* contributionsOf(
  observations: readonly Observation[],
): Generator<undefined, readonly Contribution[], unknown> {
  const contributions: Contribution[] = yield* sessionContributions(observations);
  for (const { policy } of observations) {
    if (policy !== NO_POLICY) contributions.push(...policy.contributions);
  }
  addKeyKinds(contributions, observations);
  return contributions;
}

/**
 * What has to be exchanged in a further round, when `records` are known.
 *
 * @param asked keys asked before; grows
 * @param round 1 to {@link MAX_ROUNDS}
 */
export function followUps(
  observations: readonly Observation[],
  policies: PolicyContext,
  records: Records,
  asked: Set<string>,
  round: number,
): readonly Contribution[] {
  const contributions: Contribution[] = ancestorReads(observations, records, asked);
  if (round > POLICY_ROUNDS) return contributions;
  for (const { policy } of observations) {
    if (policy === NO_POLICY) continue;
    contributions.push(...followPolicy(policy, records, policies, round === 1 ? 1 : 2));
  }
  return contributions;
}
