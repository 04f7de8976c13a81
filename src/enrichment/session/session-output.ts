import { issuesOf } from '../../sessions/chain.ts';
import { type AddressKnowledge, type Fidelity, strongest } from '../../sessions/fidelity.ts';
import { type HumanHints, humanBehind } from '../../sessions/human.ts';
import type { SessionIssue, SessionRecord, SessionSource } from '../../sessions/session-record.ts';
import { fidelityOf, type LateSource, type Verdict } from '../../sessions/verdict.ts';
import type { SessionEnrichment } from '../output.ts';

/** `detrails.session` while it is put together. */
export type SessionDraft = { -readonly [Name in keyof SessionEnrichment]: SessionEnrichment[Name] };

type SourceOutput = NonNullable<SessionEnrichment['sources']>[number];
type Step = NonNullable<SessionEnrichment['chain']>[number];

/** Copies a verdict's members. */
export function putVerdict(draft: SessionDraft, verdict: Verdict): void {
  draft.verdict = verdict.verdict;
  if (verdict.fidelity !== undefined) draft.fidelity = verdict.fidelity;
  if (verdict.deviations !== undefined) draft.deviations = [...verdict.deviations];
  if (verdict.reason !== undefined) draft.reason = verdict.reason;
  putRevealed(draft, verdict);
}

/** Adds what an issue reveals to a draft that may already hold a verdict on the caller's own key. */
export function putRevealed(draft: SessionDraft, verdict: Verdict): void {
  if (verdict.revealed === undefined) return;
  draft.revealed = true;
  if (verdict.late !== undefined) {
    draft.late = [...(draft.late ?? []), ...verdict.late.map(lateOutput)];
  }
  if (verdict.fidelity !== undefined) {
    draft.fidelity =
      draft.fidelity === undefined ? verdict.fidelity : strongest(draft.fidelity, verdict.fidelity);
  }
}

/** `origin`: the issuing event of the key, under AWS's own meanings. */
export function originOutput(issue: SessionIssue): NonNullable<SessionEnrichment['origin']> {
  const { origin } = issue;
  return present({
    event_id: issue.eventId,
    time: issue.time,
    source: origin.source,
    user_agent: origin.userAgent,
    principal: origin.principal ?? origin.subject,
    role: origin.role,
    session_name: origin.sessionName,
    source_identity: origin.sourceIdentity,
    mfa: origin.mfa,
    expires: origin.expires,
    issuer_service: origin.issuerService,
  });
}

/** Adds `human` and `chain` of the key whose record key is `key`. */
export function putChain(
  draft: SessionDraft,
  key: string,
  recordOf: (key: string) => SessionRecord | undefined,
  hints: HumanHints,
  last: Step | undefined,
): void {
  const issues = issuesOf(key, recordOf);
  const human = humanBehind(issues, hints);
  if (human !== undefined) draft.human = human;
  const chain = issues.map(stepOf).filter((step) => Object.keys(step).length > 2);
  if (chain.length > 0) draft.chain = last === undefined ? chain : [...chain, last];
}

/** Adds `sources` and `source_count`. */
export function putSources(
  draft: SessionDraft,
  key: SessionRecord | undefined,
  record: SessionRecord,
  workload: boolean,
  known: AddressKnowledge,
): void {
  if (record.sources.length === 0) return;
  draft.sources = record.sources.map((uses) =>
    sourceOutput(uses, fidelityOf(uses, key, record, workload, known)),
  );
  draft.source_count = record.sourceCount;
}

/** A step of the chain: who asked for the next key, and by which event. */
function stepOf(issue: SessionIssue): Step {
  const { origin } = issue;
  const arn = origin.principal ?? origin.subject ?? origin.issuerService;
  return present({
    arn,
    type: origin.principalType,
    session_name: sessionNameOf(origin.principal),
    event_id: issue.eventId,
    time: issue.time,
  });
}

/** The last part of `arn:aws:sts::…:assumed-role/role/name`. */
export function sessionNameOf(arn: string | undefined): string | undefined {
  return arn?.includes(':assumed-role/') ? arn.slice(arn.lastIndexOf('/') + 1) || undefined : undefined;
}

function lateOutput({ uses, fidelity }: LateSource): SourceOutput {
  return sourceOutput(uses, fidelity);
}

function sourceOutput(uses: SessionSource, fidelity: Fidelity | undefined): SourceOutput {
  return present({
    source: uses.source.text,
    first: uses.first,
    last: uses.last,
    use_count: uses.count,
    event_ids: uses.eventIds.length === 0 ? undefined : [...uses.eventIds],
    user_agent: uses.agents[0],
    fidelity,
  });
}

/** `members` without those that are undefined or empty: absent means none. */
export function present<Shape extends object>(
  members: {
    [Name in keyof Shape]: Shape[Name] | undefined;
  },
): Shape {
  const result: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(members)) {
    if (value !== undefined && value !== '') result[name] = value;
  }
  return result as Shape;
}
