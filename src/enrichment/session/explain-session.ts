import { type AddressKnowledge, addressFacts, deviationsOf, FLEET_SOURCES } from '../../sessions/fidelity.ts';
import type { KeyUse, NotApplicable, SessionObservation } from '../../sessions/observation.ts';
import type { SessionRecord, SessionSource } from '../../sessions/session-record.ts';
import { shortHash } from '../../sessions/short-hash.ts';
import { sourceOfText } from '../../sessions/source.ts';
import type { StoredRecord } from '../../store/port.ts';
import { sessionAt } from './read-record.ts';
import { FIELDS } from './record-operations.ts';

/** How the session's verdict was reached, for `explain=true`. Names records by hashes, never by key ids. */
export type SessionExplanation = {
  readonly not_applicable?: { readonly reason: NotApplicable; readonly because: string };
  /** The key the call was made with. */
  readonly use?: UseExplanation;
  /** The key that the call handed out. */
  readonly issue?: IssueExplanation;
};

/** What is known of one key's issue. Quality 0 is best: of several records of one issue the best is kept. */
export type IssueExplanation = {
  /** Short hash of the store's key of the record. */
  readonly record: string;
  readonly known: boolean;
  readonly quality?: number;
};

export type UseExplanation = {
  /** Which record holds the sources that answered: the key's own, or its workload's session. */
  readonly answered_by: 'key' | 'workload' | 'none';
  /** Short hash of that record's key. */
  readonly record: string;
  readonly issue: IssueExplanation;
  /** Distinct sources known, those beyond the list included. */
  readonly sources: number;
  /** What the use's source was held against. */
  readonly compared_with: 'issuing_address' | 'other_sources' | 'nothing';
  /** Whether this use is remembered, or only compared. */
  readonly remembered: boolean;
  /** What fidelity weighs: facts in the records, and what is known of the addresses. */
  readonly rests_on?: readonly string[];
};

type Records = ReadonlyMap<string, StoredRecord>;

/** Why a record says nothing about a session, in words. */
const BECAUSE: { readonly [Reason in NotApplicable]: string } = {
  no_identity: 'the record has no userIdentity',
  aws_service: 'an AWS service made the call with its own identity',
  forward_access: "a service called on with the caller's session: its address is not where the key is",
  long_term_key: "a user's access key was not issued for a session",
  no_temporary_key: 'the record names no temporary key',
  user_session:
    "the issuing event of the user's session token is not known, and it may never be in the trail",
  console_session: 'the console makes keys per request, whose issuing events are not in the trail',
};

/**
 * Which record answered about the session, what is known of the key's issue, how many sources there are
 * and what fidelity rests on; or why the session is not applicable.
 *
 * @param records the merged records of the batch, as `enrichSession` gets them
 * @param known what the verdict may use beyond them
 */
export function explainSession(
  observation: SessionObservation,
  records: Records,
  known: AddressKnowledge = {},
): SessionExplanation {
  const { use, issue, notApplicable } = observation;
  if (notApplicable !== undefined) return { not_applicable: why(notApplicable) };
  const isFollowed = use?.unless === undefined || sessionAt(records, use.key)?.issue !== undefined;
  if (use !== undefined && !isFollowed && issue === undefined) {
    return { not_applicable: why(use.unless ?? 'no_temporary_key') };
  }
  return {
    ...(use !== undefined && isFollowed && { use: explainUse(use, records, known) }),
    ...(issue !== undefined && { issue: explainIssue(issue.key, records) }),
  };
}

function why(reason: NotApplicable): { readonly reason: NotApplicable; readonly because: string } {
  return { reason, because: BECAUSE[reason] };
}

function explainUse(use: KeyUse, records: Records, known: AddressKnowledge): UseExplanation {
  const key = sessionAt(records, use.key);
  const recordKey = use.workload ?? use.key;
  const record = sessionAt(records, recordKey);
  const home = sourceOfText(key?.issue?.origin.source);
  const restsOn = record === undefined ? [] : factsOf(use, key, record, known);
  let comparedWith: UseExplanation['compared_with'] = 'nothing';
  if (use.source !== undefined && home !== undefined) comparedWith = 'issuing_address';
  else if (use.source !== undefined && othersOf(use, record).length > 0) comparedWith = 'other_sources';
  return {
    answered_by: record === undefined ? 'none' : use.workload === undefined ? 'key' : 'workload',
    record: shortHash(recordKey),
    issue: explainIssue(use.key, records),
    sources: record?.sourceCount ?? 0,
    compared_with: comparedWith,
    remembered: use.remembered,
    ...(restsOn.length > 0 && { rests_on: restsOn }),
  };
}

function explainIssue(key: string, records: Records): IssueExplanation {
  const known = sessionAt(records, key)?.issue !== undefined;
  const quality = Number(records.get(key)?.get(FIELDS.issue)?.charAt(0));
  return {
    record: shortHash(key),
    known,
    ...(known && Number.isInteger(quality) && { quality }),
  };
}

/** What fidelity weighs, of this use's source against the issuing address or the nearest other source. */
function factsOf(
  use: KeyUse,
  key: SessionRecord | undefined,
  record: SessionRecord,
  known: AddressKnowledge,
): string[] {
  const { source } = use;
  if (source === undefined) return [];
  const issue = key?.issue;
  const home = sourceOfText(issue?.origin.source);
  const uses = record.sources.find((candidate) => candidate.source.text === source.text);
  const nearest =
    home === undefined
      ? othersOf(use, record)[0]
      : record.sources.find((candidate) => candidate.source.text === home.text);
  const there = home ?? nearest?.source;
  if (there === undefined || there.text === source.text) return [];
  const asked = issue?.origin.userAgent;
  const agents = [...(home === undefined || asked === undefined ? [] : [asked]), ...(nearest?.agents ?? [])];
  const facts: string[] = deviationsOf(
    { source: there, uses: nearest, agents },
    { source, uses, agents: uses?.agents ?? [use.agent] },
  ).map((deviation) => `${deviation}_differs`);
  if (there.network === source.network) facts.push('same_network');
  facts.push(...addressFacts(source, there, known));
  if (there.isPrivate !== source.isPrivate) facts.push('one_side_private');
  if (uses !== undefined && nearest !== undefined) facts.push(...factsOfUses(uses, nearest));
  if (home === undefined && record.sourceCount >= FLEET_SOURCES) facts.push('many_sources');
  if (issue === undefined) facts.push('issue_unknown');
  return facts;
}

function factsOfUses(uses: SessionSource, other: SessionSource): string[] {
  const facts: string[] = [];
  if (uses.first <= other.last && other.first <= uses.last) facts.push('used_at_the_same_time');
  const [here, ...more] = uses.deliveries;
  const [there, ...others] = other.deliveries;
  const isSingle = more.length === 0 && others.length === 0;
  if (isSingle && here !== undefined && there !== undefined && here !== there) {
    facts.push('imds_version_differs');
  }
  return facts;
}

function othersOf({ source }: KeyUse, record: SessionRecord | undefined): readonly SessionSource[] {
  return record?.sources.filter((candidate) => candidate.source.text !== source?.text) ?? [];
}
