import type { CloudTrailEvent } from '../cloudtrail/event.ts';
import { type JsonObject, readObject, readString } from '../cloudtrail/json.ts';
import type { AddressKnowledge } from '../sessions/fidelity.ts';
import type { HumanHints } from '../sessions/human.ts';
import type { KeyUse, NotApplicable, SessionObservation } from '../sessions/observation.ts';
import type { SessionRecord } from '../sessions/session-record.ts';
import { judgeIssue, judgeUse } from '../sessions/verdict.ts';
import type { StoredRecord } from '../store/port.ts';
import type { SessionEnrichment } from './output.ts';
import { readSession } from './session/read-record.ts';
import {
  originOutput,
  present,
  putChain,
  putRevealed,
  putSources,
  putVerdict,
  type SessionDraft,
  sessionNameOf,
} from './session/session-output.ts';

/** What the verdict may use beyond the records; one object for a whole batch, since answers are reused. */
export type SessionOptions = AddressKnowledge & {
  /** The shared store could not be asked: what is not known may be known elsewhere. */
  readonly degraded: boolean;
};

type Records = ReadonlyMap<string, StoredRecord>;

/**
 * `detrails.session` of one record: where its temporary key was issued, whether it is used from there, and
 * who is behind it. Records of one batch that say the same get the same frozen object.
 *
 * @param records the merged records of the batch, its chains' ancestors included
 */
export function enrichSession(
  event: CloudTrailEvent,
  observation: SessionObservation,
  records: Records,
  options: SessionOptions,
): SessionEnrichment | undefined {
  const { use, issue, notApplicable } = observation;
  if (notApplicable !== undefined) return NOT_APPLICABLE[notApplicable];
  if (issue !== undefined) return issuedSession(event, observation, records, options);
  return use === undefined ? undefined : usedSession(event, use, observation.eventId, records, options);
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
  eventId: string,
  records: Records,
  options: SessionOptions,
): SessionEnrichment {
  const stored = records.get(use.key);
  const key = stored === undefined ? undefined : readSession(stored);
  if (use.unless !== undefined && key?.issue === undefined) return NOT_APPLICABLE[use.unless];
  const session = sessionRecord(use, records);
  const record = use.workload === undefined ? key : session;
  if (stored === undefined || use.source === undefined || isRevealing(eventId, key, record)) {
    return Object.freeze(useDraft(event, use, eventId, key, session, records, options));
  }
  const answers = answersOf(stored, options);
  const known = answers.get(use.source.text);
  if (known !== undefined) return known;
  const answer = Object.freeze(useDraft(event, use, eventId, key, session, records, options));
  answers.set(use.source.text, answer);
  return answer;
}

/** The session of a record that hands out a key, and may use another. */
function issuedSession(
  event: CloudTrailEvent,
  observation: SessionObservation,
  records: Records,
  options: SessionOptions,
): SessionEnrichment {
  const { use, issue, eventId } = observation;
  if (issue === undefined) return ISSUED;
  const stored = records.get(issue.key);
  const issued = stored === undefined ? undefined : readSession(stored);
  const revealed = judgeIssue(eventId, issued, options);
  if (use === undefined && revealed === undefined && issue.origin.issuerService !== undefined) return ISSUED;
  const caller = use === undefined ? undefined : recordAt(records, use.key);
  const follows = use !== undefined && (use.unless === undefined || caller?.issue !== undefined);
  const draft: SessionDraft = follows
    ? useDraft(event, use, eventId, caller, sessionRecord(use, records), records, options)
    : { status: 'issued' };
  if (!follows && revealed !== undefined) putVerdict(draft, revealed);
  else if (revealed !== undefined) putRevealed(draft, revealed);
  if (!follows && issued?.issue !== undefined) {
    putChain(draft, issue.key, (key) => recordAt(records, key), {}, undefined);
  }
  draft.status = 'issued';
  return Object.freeze(draft);
}

function useDraft(
  event: CloudTrailEvent,
  use: KeyUse,
  eventId: string,
  key: SessionRecord | undefined,
  session: SessionRecord | undefined,
  records: Records,
  options: SessionOptions,
): SessionDraft {
  const identity = event.userIdentity;
  const draft: SessionDraft = { status: key?.issue === undefined ? 'unlinked' : 'linked' };
  putVerdict(draft, judgeUse(use, eventId, key, session, options));
  if (draft.verdict === 'unknown' && draft.reason === 'issue_unknown' && options.degraded) {
    draft.reason = 'shared_store_unavailable';
  }
  if (key?.issue !== undefined) draft.origin = originOutput(key.issue);
  putChain(draft, use.key, (at) => recordAt(records, at), hintsOf(identity), lastStep(identity));
  const record = use.workload === undefined ? key : session;
  if (record !== undefined) putSources(draft, key, record, use.workload !== undefined, options);
  return draft;
}

function sessionRecord(use: KeyUse, records: Records): SessionRecord | undefined {
  return use.workload === undefined ? undefined : recordAt(records, use.workload);
}

function recordAt(records: Records, key: string): SessionRecord | undefined {
  const stored = records.get(key);
  return stored === undefined ? undefined : readSession(stored);
}

/** True when this event's answer differs from that of its source's other events. */
function isRevealing(
  eventId: string,
  key: SessionRecord | undefined,
  record: SessionRecord | undefined,
): boolean {
  if (key?.issue?.revealedBy === eventId) return true;
  return record?.sources.some(({ revealedBy }) => revealedBy === eventId) === true;
}

/** What the caller's identity says of the human. */
function hintsOf(identity: JsonObject | undefined): HumanHints {
  return {
    sourceIdentity: readString(readObject(identity, 'sessionContext'), 'sourceIdentity'),
    onBehalfOf: readString(readObject(identity, 'onBehalfOf'), 'userId'),
    sessionName: sessionNameOf(readString(identity, 'arn')),
  };
}

/** The chain's last step: the caller itself. */
function lastStep(identity: JsonObject | undefined): NonNullable<SessionEnrichment['chain']>[number] {
  const arn = readString(identity, 'arn');
  return present({
    arn,
    type: readString(identity, 'type'),
    session_name: sessionNameOf(arn),
    event_id: undefined,
    time: undefined,
  });
}

type Answers = { readonly options: SessionOptions; readonly bySource: Map<string, SessionEnrichment> };

/** Answers already given from a record, by source. Records are new in every batch, so are these. */
const answersByRecord = new WeakMap<StoredRecord, Answers>();

function answersOf(record: StoredRecord, options: SessionOptions): Map<string, SessionEnrichment> {
  const known = answersByRecord.get(record);
  if (known !== undefined && known.options === options) return known.bySource;
  const answers: Answers = { options, bySource: new Map() };
  answersByRecord.set(record, answers);
  return answers.bySource;
}
