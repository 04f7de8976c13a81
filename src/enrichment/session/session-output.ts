import { issuesOf } from '../../sessions/chain.ts';
import { type AddressKnowledge, type Fidelity, strongest } from '../../sessions/fidelity.ts';
import { type HumanHints, humanBehind } from '../../sessions/human.ts';
import type { SessionIssue, SessionRecord, SessionSource } from '../../sessions/session-record.ts';
import { fidelityOf, type LateSource, type Verdict } from '../../sessions/verdict.ts';
import type { SessionEnrichment } from '../output.ts';

/** `detrails.session` while it is put together. */
export type SessionDraft = Draft<SessionEnrichment>;
type Draft<Shape> = { -readonly [Name in keyof Shape]: Shape[Name] };

type SourceOutput = NonNullable<SessionEnrichment['sources']>[number];
type Step = Draft<NonNullable<SessionEnrichment['chain']>[number]>;

/** Uses named of each of `sources`, which every event repeats; `late` names all that are kept. */
const LISTED_USES = 8;

/** Copies a verdict's members. */
export function putVerdict(draft: SessionDraft, verdict: Verdict): void {
  draft.verdict = verdict.verdict;
  if (verdict.fidelity !== undefined) draft.fidelity = verdict.fidelity;
  if (verdict.deviations !== undefined) draft.deviations = [...verdict.deviations];
  if (verdict.reason !== undefined) draft.reason = verdict.reason;
  putRevealed(draft, verdict);
}

/**
 * Adds what an issue reveals to a draft that may already hold a verdict on the caller's own key. Of the two
 * verdicts the one that is to be reported stays: nobody would look at `late` beside `same_source`.
 */
export function putRevealed(draft: SessionDraft, verdict: Verdict): void {
  if (verdict.revealed === undefined) return;
  draft.revealed = true;
  if (draft.verdict === 'same_source' || draft.verdict === 'unknown') {
    draft.verdict = verdict.verdict;
    delete draft.reason;
  }
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
  const output: Draft<NonNullable<SessionEnrichment['origin']>> = {
    event_id: issue.eventId,
    time: issue.time,
  };
  const principal = origin.principal ?? origin.subject;
  if (origin.source !== undefined) output.source = origin.source;
  if (origin.userAgent !== undefined) output.user_agent = origin.userAgent;
  if (principal !== undefined) output.principal = principal;
  if (origin.role !== undefined) output.role = origin.role;
  if (origin.sessionName !== undefined) output.session_name = origin.sessionName;
  if (origin.sourceIdentity !== undefined) output.source_identity = origin.sourceIdentity;
  if (origin.mfa !== undefined) output.mfa = origin.mfa;
  if (origin.expires !== undefined) output.expires = origin.expires;
  if (origin.issuerService !== undefined) output.issuer_service = origin.issuerService;
  return output;
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
  if (issues.length === 0) return;
  const chain = issues.map(stepOf);
  if (last !== undefined) chain.push(last);
  draft.chain = chain;
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
    sourceOutput(uses, uses.eventIds.slice(0, LISTED_USES), fidelityOf(uses, key, record, workload, known)),
  );
  draft.source_count = record.sourceCount;
}

/** A step of the chain: who asked for the next key, and by which event. */
function stepOf(issue: SessionIssue): Step {
  const { origin } = issue;
  const arn = origin.principal ?? origin.subject ?? origin.issuerService;
  const step = callerStep(arn, origin.principalType);
  step.event_id = issue.eventId;
  step.time = issue.time;
  return step;
}

/** A step that says who, and no more: the caller itself, at the chain's end. */
export function callerStep(arn: string | undefined, type: string | undefined): Step {
  const step: Step = {};
  if (arn !== undefined) step.arn = arn;
  if (type !== undefined) step.type = type;
  const name = sessionNameOf(arn);
  if (name !== undefined) step.session_name = name;
  return step;
}

/** The last part of `arn:aws:sts::…:assumed-role/role/name`. */
export function sessionNameOf(arn: string | undefined): string | undefined {
  return arn?.includes(':assumed-role/') ? arn.slice(arn.lastIndexOf('/') + 1) || undefined : undefined;
}

function lateOutput({ uses, fidelity }: LateSource): SourceOutput {
  return sourceOutput(uses, uses.eventIds, fidelity);
}

function sourceOutput(
  uses: SessionSource,
  eventIds: readonly string[],
  fidelity: Fidelity | undefined,
): SourceOutput {
  const { agents } = uses;
  const output: Draft<SourceOutput> = {
    source: uses.source.text,
    first: uses.first,
    last: uses.last,
    use_count: uses.count,
    event_ids: [...eventIds],
  };
  if (agents[0] !== undefined) output.user_agent = agents[0];
  if (fidelity !== undefined) output.fidelity = fidelity;
  return output;
}
