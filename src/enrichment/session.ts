import type { Caller } from '../cloudtrail/caller.ts';
import type { CloudTrailEvent } from '../cloudtrail/event.ts';
import type { AddressKnowledge } from '../sessions/fidelity.ts';
import type { HumanHints } from '../sessions/human.ts';
import type { KeyIssue, KeyUse, NotApplicable, SessionObservation } from '../sessions/observation.ts';
import type { SessionRecord } from '../sessions/session-record.ts';
import { judgeIssue, judgeUse } from '../sessions/verdict.ts';
import type { LocalStore, StoredRecord } from '../store/port.ts';
import type { SessionEnrichment } from './output.ts';
import { type RememberedSession, sessionAt } from './session/read-record.ts';
import {
  callerStep,
  originOutput,
  putChain,
  putRevealed,
  putSources,
  putVerdict,
  type SessionDraft,
  sessionNameOf,
} from './session/session-output.ts';
import { Standing } from './session/standing.ts';

/** What the verdict may use beyond the records; the same for a whole batch, since answers are reused. */
export type SessionOptions = AddressKnowledge & {
  /** The shared store could not be asked: what is not known may be known elsewhere. */
  readonly degraded: boolean;
  /** Whether `sources` and `source_count` are listed (profile `full`); so unless told otherwise. */
  readonly withSources?: boolean;
};

type Records = ReadonlyMap<string, StoredRecord>;

/**
 * `detrails.session` of one record: where its temporary key was issued, whether it is used from there, and
 * who is behind it. Records that say the same get the same frozen object while it is kept.
 *
 * @param records the merged records of the batch, its chains' ancestors included
 * @param local the store that the records are in, where uses may be given a {@link Standing}
 */
export function enrichSession(
  event: CloudTrailEvent,
  observation: SessionObservation,
  records: Records,
  options: SessionOptions,
  local?: LocalStore,
): SessionEnrichment | undefined {
  const { use, issue, notApplicable } = observation;
  if (notApplicable !== undefined) return NOT_APPLICABLE[notApplicable];
  if (issue !== undefined) return issuedSession(event, observation, issue, records, options);
  return use === undefined ? undefined : usedSession(event, use, observation, records, options, local);
}

const ISSUED: SessionEnrichment = Object.freeze({ status: 'issued' });
const NOT_APPLICABLE: { readonly [Reason in NotApplicable]: SessionEnrichment } = {
  no_identity: notApplicableFor('no_identity'),
  aws_service: notApplicableFor('aws_service'),
  forward_access: notApplicableFor('forward_access'),
  long_term_key: notApplicableFor('long_term_key'),
  no_temporary_key: notApplicableFor('no_temporary_key'),
  user_session: notApplicableFor('user_session'),
  console_session: notApplicableFor('console_session'),
};

function notApplicableFor(reason: NotApplicable): SessionEnrichment {
  return Object.freeze({ status: 'not_applicable', reason });
}

/** The session of a record that uses a key and hands out none. */
function usedSession(
  event: CloudTrailEvent,
  use: KeyUse,
  { eventId, eventHash }: SessionObservation,
  records: Records,
  options: SessionOptions,
  local: LocalStore | undefined,
): SessionEnrichment {
  const key = sessionAt(records, use.key);
  if (use.unless !== undefined && key?.issue === undefined) return NOT_APPLICABLE[use.unless];
  const record = use.workload === undefined ? key : sessionAt(records, use.workload);
  if (key === undefined || mayReveal(eventHash, key, record)) {
    return useDraft(event, use, eventId, key, record, records, options);
  }
  const sources = record ?? key;
  const scope = restsOnMore(use, key, record, options) ? batchOf(records) : options;
  const basis = { use, keyReading: key.number, scope };
  let answer = sources.answers.find(basis);
  if (answer === undefined) {
    answer = Object.freeze(useDraft(event, use, eventId, key, record, records, options));
    sources.answers.keep(basis, answer);
  }
  if (local !== undefined && scope === options) {
    use.reading =
      Standing.find(use, local, options) ?? Standing.of({ use, local, options, key, sources }, answer);
  }
  return answer;
}

/**
 * True when an answer rests on more than two records' revisions and the options: on what is known of the
 * uses, or on the records of a chain. It then holds within its batch.
 */
function restsOnMore(
  { source }: KeyUse,
  { issue }: SessionRecord,
  record: SessionRecord | undefined,
  options: SessionOptions,
): boolean {
  if (options.withSources !== false || issue?.origin.parent !== undefined) return true;
  const home = issue?.origin.source;
  if (home !== undefined && source?.text !== home) return true;
  return record !== undefined && record.sources.length > 1;
}

/** Stands for a batch without keeping its records in memory. */
function batchOf(records: Records): object {
  let batch = batches.get(records);
  if (batch === undefined) {
    batch = {};
    batches.set(records, batch);
  }
  return batch;
}

const batches = new WeakMap<Records, object>();

/** The session of a record that hands out a key, and may use another. */
function issuedSession(
  event: CloudTrailEvent,
  observation: SessionObservation,
  issue: KeyIssue,
  records: Records,
  options: SessionOptions,
): SessionEnrichment {
  const { use, eventId } = observation;
  const issued = sessionAt(records, issue.key);
  const revealed = judgeIssue(eventId, issued, options);
  if (use === undefined && revealed === undefined && issue.origin.issuerService !== undefined) return ISSUED;
  const caller = use === undefined ? undefined : sessionAt(records, use.key);
  if (use !== undefined && (use.unless === undefined || caller?.issue !== undefined)) {
    const record = use.workload === undefined ? caller : sessionAt(records, use.workload);
    const draft = useDraft(event, use, eventId, caller, record, records, options);
    draft.status = 'issued';
    if (revealed !== undefined) putRevealed(draft, revealed);
    return draft;
  }
  const draft: SessionDraft = { status: 'issued' };
  if (revealed !== undefined) putVerdict(draft, revealed);
  // `late` names no more than are kept.
  if (revealed !== undefined && issued !== undefined && options.withSources !== false) {
    draft.source_count = issued.sourceCount;
  }
  if (issued?.issue !== undefined)
    putChain(draft, issue.key, (at) => sessionAt(records, at), NO_HINTS, undefined);
  return draft;
}

const NO_HINTS: HumanHints = {};

/**
 * @param key what is known of the key; @param record where its sources are: there too, or in the
 *   workload's session
 */
function useDraft(
  event: CloudTrailEvent,
  use: KeyUse,
  eventId: string,
  key: SessionRecord | undefined,
  record: SessionRecord | undefined,
  records: Records,
  options: SessionOptions,
): SessionDraft {
  const { caller } = event;
  const draft: SessionDraft = { status: key?.issue === undefined ? 'unlinked' : 'linked' };
  putVerdict(draft, judgeUse(use, eventId, key, record, options));
  if (draft.verdict === 'unknown' && draft.reason === 'issue_unknown' && options.degraded) {
    draft.reason = 'shared_store_unavailable';
  }
  if (key?.issue !== undefined) draft.origin = originOutput(key.issue);
  const self = callerStep(caller?.arn, caller?.type);
  putChain(draft, use.key, (at) => sessionAt(records, at), hintsOf(caller), self);
  if (record !== undefined && options.withSources !== false) {
    putSources(draft, key, record, use.workload !== undefined, options);
  }
  return draft;
}

/** True when this event's answer may differ from that of its source's other events: it is made anew. */
function mayReveal(
  eventHash: number,
  key: RememberedSession,
  record: RememberedSession | undefined,
): boolean {
  return key.mayBeRevealedBy(eventHash) || (record !== key && record?.mayBeRevealedBy(eventHash) === true);
}

/** What the caller's identity says of the human. */
function hintsOf(caller: Caller | undefined): HumanHints {
  return {
    sourceIdentity: caller?.sourceIdentity,
    onBehalfOf: caller?.onBehalfOfUserId,
    sessionName: sessionNameOf(caller?.arn),
  };
}
