import type { Document } from '../cloudtrail/decoded.ts';
import type { CloudTrailEvent } from '../cloudtrail/event.ts';
import { type KeyKindUse, observeKeyKind } from '../sessions/key-kind.ts';
import type { SessionObservation } from '../sessions/observation.ts';
import { observeSession } from '../sessions/observe.ts';
import type { Contribution, LocalStore, StoredRecord } from '../store/port.ts';
import { addKeyKinds } from './first-key-kind.ts';
import type { PolicyContext } from './policy/context.ts';
import { followPolicy, NO_POLICY, observePolicy, type PolicyObservation } from './policy.ts';
import { ancestorReads } from './session/ancestors.ts';
import { sessionContributions, useReads } from './session/record-operations.ts';
import { Standing } from './session/standing.ts';
import type { SessionOptions } from './session.ts';
import type { Snapshot } from './snapshot.ts';
import type { Call } from './verdicts.ts';

/** What one event teaches and asks. */
export type Observation = {
  readonly event: CloudTrailEvent;
  readonly call: Call;
  readonly session: SessionObservation;
  readonly policy: PolicyObservation;
  /** Absent for identities that have one kind of credential only. */
  readonly keyKind: KeyKindUse | undefined;
  /** Set when the event teaches nothing and its session's answer is known: it needs no exchange. */
  standing: Standing | undefined;
};

/** A batch as it was observed. */
export type ObservedBatch = {
  /** In document order. */
  readonly all: readonly Observation[];
  /** Those that teach or ask something. */
  readonly toExchange: readonly Observation[];
};

/** Where uses that go on as they did are recognized. */
export type Recognition = {
  readonly local: LocalStore;
  /** Which answers will be wanted. */
  readonly options: SessionOptions;
};

/** What events are observed with. */
type ObservedWith = Pick<Snapshot, 'policies' | 'verdicts'>;

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
  snapshot: ObservedWith,
  recognition?: Recognition,
): Generator<undefined, ObservedBatch, unknown> {
  const all: Observation[] = [];
  const toExchange: Observation[] = [];
  const now = recognition === undefined ? 0 : recognition.local.begin();
  for (const { entries } of documents) {
    for (const { event } of entries) {
      if (event === undefined) continue;
      const observation = observeEvent(event, snapshot, recognition, now);
      all.push(observation);
      if (needsExchange(observation)) toExchange.push(observation);
      if (observation.policy.analyzed !== undefined || all.length % SLICE_EVENTS === 0) yield;
    }
  }
  return { all, toExchange };
}

/** The batch that a document of one record is. */
export function observeSingle(
  { entries }: Document,
  snapshot: ObservedWith,
  recognition: Recognition | undefined,
): ObservedBatch {
  const event = entries[0]?.event;
  if (event === undefined) return NOTHING;
  const now = recognition === undefined ? 0 : recognition.local.begin();
  const observation = observeEvent(event, snapshot, recognition, now);
  const all = [observation];
  return { all, toExchange: needsExchange(observation) ? all : NONE };
}

const NONE: readonly Observation[] = Object.freeze([]);
const NOTHING: ObservedBatch = Object.freeze({ all: NONE, toExchange: NONE });

/** @param now of `LocalStore.begin` */
function observeEvent(
  event: CloudTrailEvent,
  { policies, verdicts }: ObservedWith,
  recognition: Recognition | undefined,
  now: number,
): Observation {
  const call = verdicts.callOf(event);
  const { policyEvent } = call;
  const policy = policyEvent === undefined ? NO_POLICY : observePolicy(event, policies, policyEvent);
  const session = observeSession(event, call.issuesKeys);
  const keyKind = observeKeyKind(event, session);
  const isUseAtMost = policy === NO_POLICY && session.issue === undefined && keyKind === undefined;
  const standing =
    isUseAtMost && recognition !== undefined ? standingOf(session, recognition, now) : undefined;
  return { event, call, session, policy, keyKind, standing };
}

/** True when the event teaches or asks something that is not merged yet. */
function needsExchange({ session, policy, keyKind, standing }: Observation): boolean {
  if (standing !== undefined) return false;
  const { use, issue } = session;
  return use !== undefined || issue !== undefined || policy !== NO_POLICY || keyKind !== undefined;
}

function standingOf(
  observation: SessionObservation,
  { local, options }: Recognition,
  now: number,
): Standing | undefined {
  const { use } = observation;
  if (use === undefined || !isTimed(observation)) return undefined;
  const standing = Standing.find(use, local, options);
  return standing?.takes(observation, now) === true ? standing : undefined;
}

function isTimed(
  observation: SessionObservation,
): observation is SessionObservation & { readonly time: string } {
  return observation.time !== undefined;
}

/**
 * Takes back the standing of uses whose records changed with the batch's own exchange: they are to be
 * answered anew. The result reads those records.
 */
export function takeBackStandings({ all, toExchange }: ObservedBatch): {
  readonly observations: readonly Observation[];
  readonly reads: readonly Contribution[];
} {
  const outdated: Observation[] = [];
  for (const observation of all) {
    if (observation.standing === undefined || observation.standing.isCurrent()) continue;
    observation.standing = undefined;
    outdated.push(observation);
  }
  if (outdated.length === 0) return { observations: toExchange, reads: [] };
  return { observations: [...toExchange, ...outdated], reads: useReads(outdated) };
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
