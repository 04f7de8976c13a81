import {
  type AddressKnowledge,
  addressFidelity,
  type Deviation,
  deviationsOf,
  type Fidelity,
  foreignEvidence,
  type Side,
  sessionFidelity,
  strongest,
} from './fidelity.ts';
import type { KeyUse } from './observation.ts';
import type { SessionIssue, SessionRecord, SessionSource } from './session-record.ts';
import { type Source, sourceOfText } from './source.ts';

/** A source that a revealing event makes known to be foreign. */
export type LateSource = { readonly uses: SessionSource; readonly fidelity: Fidelity };

/** Is the key used from where it was issued, and what does that rest on. */
export type Verdict = {
  readonly verdict: 'same_source' | 'different_source' | 'multiple_sources' | 'unknown';
  readonly fidelity?: Fidelity;
  readonly deviations?: readonly Deviation[];
  readonly revealed?: true;
  readonly late?: readonly LateSource[];
  /** Why it is unknown. */
  readonly reason?: string;
};

/** Services whose workloads keep one address for long; others (Lambda, Glue, CodeBuild) are fleets. */
const STEADY_ISSUERS: ReadonlySet<string> = new Set([
  'ec2.amazonaws.com',
  'ecs.amazonaws.com',
  'ecs-tasks.amazonaws.com',
  'eks-auth.amazonaws.com',
  'pods.eks.amazonaws.com',
  'rolesanywhere.amazonaws.com',
  'sso.amazonaws.com',
  'ssm.amazonaws.com',
]);

const NO_SOURCE: Verdict = Object.freeze({ verdict: 'unknown', reason: 'no_source' });
const NO_RECORD: Verdict = Object.freeze({ verdict: 'unknown', reason: 'issue_unknown' });
const SERVICE_ISSUED: Verdict = Object.freeze({ verdict: 'unknown', reason: 'issued_by_service' });
const SAME: Verdict = Object.freeze({ verdict: 'same_source' });

/**
 * The verdict on one use. A key issued to an address compares with that address. A key issued by a
 * service, and a workload's session whoever issued its keys, compares its sources with one another. A
 * key whose issue is unknown does so too, at low fidelity and revealing nothing: what it is can still
 * come, and a source is revealed once.
 *
 * @param key what is known of the key; @param record where its sources are: in the key's own record, or
 *   in that of the workload's session
 */
export function judgeUse(
  use: KeyUse,
  eventId: string,
  key: SessionRecord | undefined,
  record: SessionRecord | undefined,
  known: AddressKnowledge,
): Verdict {
  const { source } = use;
  if (source === undefined) return NO_SOURCE;
  const issue = key?.issue;
  const home = sourceOfText(issue?.origin.source);
  if (issue !== undefined && home !== undefined)
    return judgeAddress(use, source, eventId, issue, home, record, known);
  if (record === undefined) return issue === undefined ? NO_RECORD : SERVICE_ISSUED;
  return judgeSession(use, source, eventId, issue, record, known);
}

/**
 * What the issuing event itself reveals: uses that came before it and turn out to be foreign. Only that
 * event carries it; an issue that was known first has nothing to tell.
 */
export function judgeIssue(
  eventId: string,
  key: SessionRecord | undefined,
  known: AddressKnowledge,
): Verdict | undefined {
  const issue = key?.issue;
  if (key === undefined || issue === undefined || issue.revealedBy !== eventId) return undefined;
  if (key.sources.length === 0) return undefined;
  const before = key.sources.filter(({ ordinal }) => ordinal < issue.ordinal);
  const home = sourceOfText(issue.origin.source);
  let late: LateSource[];
  if (home !== undefined) {
    late = before
      .filter(({ source }) => source.text !== home.text)
      .map((uses) => ({ uses, fidelity: homeFidelity(issue, home, key, uses, known) }));
  } else if (before.length > 1) {
    late = before.map((uses) => ({ uses, fidelity: fidelityIn(uses, key, isSteady(issue), known) }));
  } else return undefined;
  if (late.length === 0) return undefined;
  return {
    verdict: home === undefined ? 'multiple_sources' : 'different_source',
    fidelity: late.map(({ fidelity }) => fidelity).reduce(strongest),
    revealed: true,
    late,
  };
}

/** The fidelity of each source of a record, for lists; undefined for the home of an address-issued key. */
export function fidelityOf(
  uses: SessionSource,
  key: SessionRecord | undefined,
  record: SessionRecord,
  workload: boolean,
  known: AddressKnowledge,
): Fidelity | undefined {
  const issue = key?.issue;
  const home = sourceOfText(issue?.origin.source);
  if (issue !== undefined && home !== undefined) {
    return uses.source.text === home.text ? undefined : homeFidelity(issue, home, record, uses, known);
  }
  if (record.sources.length < 2) return undefined;
  return fidelityIn(uses, record, workload || (issue !== undefined && isSteady(issue)), known);
}

function judgeAddress(
  use: KeyUse,
  source: Source,
  eventId: string,
  issue: SessionIssue,
  home: Source,
  record: SessionRecord | undefined,
  known: AddressKnowledge,
): Verdict {
  if (source.text === home.text) return SAME;
  const uses = record?.sources.find((candidate) => candidate.source.text === source.text);
  const homeSide = homeSideOf(issue, home, record);
  const foreign: Side = { source, uses, agents: uses?.agents ?? [use.agent] };
  const revealed = uses !== undefined && revealingEvent(uses, issue) === eventId;
  return {
    verdict: 'different_source',
    fidelity: addressFidelity(homeSide, foreign, known),
    deviations: deviationsOf(homeSide, foreign),
    ...(revealed && { revealed: true as const }),
  };
}

function judgeSession(
  use: KeyUse,
  source: Source,
  eventId: string,
  issue: SessionIssue | undefined,
  record: SessionRecord,
  known: AddressKnowledge,
): Verdict {
  const workload = use.workload !== undefined;
  const others = record.sources.filter((candidate) => candidate.source.text !== source.text);
  const uses = record.sources.find((candidate) => candidate.source.text === source.text);
  const nearest = others[0];
  if (nearest === undefined) return issue === undefined && !workload ? NO_RECORD : SERVICE_ISSUED;
  const steady = workload || (issue !== undefined && isSteady(issue));
  const own = uses === undefined ? 'low' : fidelityIn(uses, record, steady, known);
  const deviations = deviationsOf(
    { source: nearest.source, uses: nearest, agents: nearest.agents },
    { source, uses, agents: uses?.agents ?? [use.agent] },
  );
  const base = { verdict: 'multiple_sources', fidelity: own, deviations } as const;
  if (uses === undefined || nearest.ordinal > uses.ordinal) return base;
  if (!workload && issue === undefined) return base;
  const gate = workload ? undefined : issue;
  if (revealingEvent(uses, gate) !== eventId) return base;
  const late = lateSources(uses, nearest, record, gate, steady, known);
  if (late === undefined) return { ...base, revealed: true };
  return { ...base, fidelity: strongest(own, late.fidelity), revealed: true, late: [late] };
}

/** The first source when `uses` is the second: its events could not yet say that there are two. */
function lateSources(
  uses: SessionSource,
  first: SessionSource,
  record: SessionRecord,
  gate: SessionIssue | undefined,
  steady: boolean,
  known: AddressKnowledge,
): LateSource | undefined {
  const isSecond = record.sources.filter(({ ordinal }) => ordinal < uses.ordinal).length === 1;
  // The issuing event came between the two: the first source's uses are late all the same.
  if (!isSecond || (gate !== undefined && gate.ordinal > uses.ordinal)) return undefined;
  if (foreignEvidence(first, uses, known) < 0) return undefined;
  return { uses: first, fidelity: fidelityIn(first, record, steady, known) };
}

/** Of the event that first brought the source and the one that first brought the issue, the later to come. */
function revealingEvent(uses: SessionSource, issue: SessionIssue | undefined): string {
  return issue !== undefined && issue.ordinal > uses.ordinal ? issue.revealedBy : uses.revealedBy;
}

function homeSideOf(issue: SessionIssue, home: Source, record: SessionRecord | undefined): Side {
  const uses = record?.sources.find(({ source }) => source.text === home.text);
  const asked = issue.origin.userAgent === undefined ? [] : [issue.origin.userAgent];
  return { source: home, uses, agents: uses === undefined ? asked : [...asked, ...uses.agents] };
}

function homeFidelity(
  issue: SessionIssue,
  home: Source,
  record: SessionRecord,
  uses: SessionSource,
  known: AddressKnowledge,
): Fidelity {
  return addressFidelity(
    homeSideOf(issue, home, record),
    { source: uses.source, uses, agents: uses.agents },
    known,
  );
}

/** The strongest of the comparisons with every other source. */
function fidelityIn(
  uses: SessionSource,
  record: SessionRecord,
  steady: boolean,
  known: AddressKnowledge,
): Fidelity {
  let fidelity: Fidelity = 'low';
  for (const other of record.sources) {
    if (other === uses) continue;
    fidelity = strongest(fidelity, sessionFidelity(uses, other, record, steady, known));
    if (fidelity === 'high') break;
  }
  return fidelity;
}

/** True when the issuing service's workloads keep one address. */
function isSteady(issue: SessionIssue): boolean {
  return STEADY_ISSUERS.has(issue.origin.issuerService ?? '');
}
