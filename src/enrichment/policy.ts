import type { CloudTrailEvent } from '../cloudtrail/event.ts';
import { compareAnalyses } from '../iam/compare-analyses.ts';
import type { PolicyRef } from '../resolver/port.ts';
import type { Contribution } from '../store/port.ts';
import type { ChangeEnrichment, PolicyEnrichment } from './output.ts';
import { type AnalyzedDocument, analysisRead, type PolicyContext } from './policy/context.ts';
import { findPolicyEvent } from './policy/event-table.ts';
import { lateActivations } from './policy/late.ts';
import { hasUnanswered, readLifeHistory } from './policy/life-history.ts';
import { contributionsOf, unansweredContribution } from './policy/observe-life.ts';
import { parseManagedArn } from './policy/policy-arn.ts';
import { readSubject } from './policy/read-subject.ts';
import { renderAnswer, renderRelated } from './policy/render-answer.ts';
import { renderChange, unknownChange } from './policy/render-change.ts';
import { type Answer, type Records, resolveManaged, resolvePrevious } from './policy/resolve.ts';
import { ACTIVATIONS, leadsWithReference, resolveSubject } from './policy/resolve-subject.ts';
import type { PolicySubject } from './policy/subject.ts';
import { wantedOf } from './policy/wanted.ts';

/** What an event teaches about policies. {@link NO_POLICY} for all the events that touch none. */
export type PolicyObservation = {
  /** To be exchanged before any record of the batch is enriched. */
  readonly contributions: readonly Contribution[];
  readonly subject?: PolicySubject;
  readonly analyzed?: AnalyzedDocument;
};

/** What the policy enricher says, and what it wants to be read from IAM for later events. */
export type PolicyResult = {
  readonly policy?: PolicyEnrichment;
  readonly wanted?: PolicyRef;
};

/** The observation of every event that touches no policy: always this object. */
export const NO_POLICY: PolicyObservation = Object.freeze({ contributions: Object.freeze([]) });

const NO_RESULT: PolicyResult = Object.freeze({});

/**
 * Recognizes an event of a policy's life and analyzes the document it carries.
 *
 * @param row of `findPolicyEvent`, for whoever knows it already
 */
export function observePolicy(
  event: CloudTrailEvent,
  context: PolicyContext,
  row = findPolicyEvent(event.eventSource, event.eventName),
): PolicyObservation {
  if (row === undefined) return NO_POLICY;
  const subject = readSubject(event, row);
  if (subject === undefined) return NO_POLICY;
  const { document, kind, account } = subject;
  const analyzed =
    document.state === 'present' && kind !== 'organization'
      ? context.analyze(document.value, kind, account)
      : undefined;
  const contributions = contributionsOf(subject, analyzed, context);
  return { contributions, subject, ...(analyzed !== undefined && { analyzed }) };
}

/**
 * What has to be exchanged after the first exchange, before {@link enrichPolicy}: analyses that history
 * names, and the note of an activation that cannot be answered, so that the event which brings its
 * document can say so (`late`). The note is a merge like any other: if the document arrives in the same
 * moment, this exchange answers with it. Call it with `round` 1 and 2; the records of every round are
 * to be put over those of the rounds before. Empty for nearly all events.
 */
export function followPolicy(
  observation: PolicyObservation,
  records: Records,
  context: PolicyContext,
  round: 1 | 2,
): readonly Contribution[] {
  const { subject, analyzed } = observation;
  if (subject === undefined || subject.kind === 'organization') return NO_POLICY.contributions;
  const contributions: Contribution[] = [];
  const read = (answer: Answer | undefined): void => {
    if (answer?.missingKey === undefined) return;
    contributions.push(analysisRead(answer.missingKey));
  };
  const activate = (arn: string, version: string | undefined, answer: Answer): void => {
    read(answer);
    // What is only missing from this round may come with the next; what nobody knows is noted at once.
    const isUnknown = answer.from === 'none' && (round === 2 || answer.missingKey === undefined);
    const note = isUnknown ? unansweredContribution(subject, arn, version) : undefined;
    if (note !== undefined) contributions.push(note);
  };
  read(resolvePrevious(subject, analyzed, records, context));
  if (analyzed === undefined) {
    const answer = resolveSubject(subject, records, context);
    if (subject.arn !== undefined && ACTIVATIONS.has(subject.operation)) {
      activate(subject.arn, subject.version, answer);
    } else read(answer);
  }
  for (const arn of subject.references) {
    activate(arn, undefined, resolveManaged(arn, undefined, subject, records, context));
  }
  return contributions;
}

/** Says what the policy allows that the event creates, changes, attaches or activates. */
export function enrichPolicy(
  observation: PolicyObservation,
  records: Records,
  context: PolicyContext,
): PolicyResult {
  const { subject, analyzed } = observation;
  if (subject === undefined) return NO_RESULT;
  const { references } = subject;
  const isLedByReference = leadsWithReference(subject);
  const leading = isLedByReference ? references[0] : undefined;
  const answer = analyzed === undefined ? resolveSubject(subject, records, context) : eventAnswer(analyzed);
  const related = (isLedByReference ? references.slice(1) : references).map((arn) =>
    renderRelated(arn, resolveManaged(arn, undefined, subject, records, context), subject),
  );
  const change = changeOf(subject, analyzed, answer, records, context);
  const late = lateOf(subject, records);
  // Member by member: an object of spread ones is dear to make, and dear to whoever reads it.
  const policy: PolicyEnrichment = Object.assign(renderAnswer(answer, subject), {
    operation: subject.operation,
  });
  policy.kind = subject.kind;
  const arn = leading ?? subject.arn;
  if (arn !== undefined) policy.arn = arn;
  const name = leading === undefined ? subject.name : parseManagedArn(leading)?.name;
  if (name !== undefined) policy.name = name;
  const version = subject.version ?? answer.version;
  if (version !== undefined) policy.version = version;
  if (subject.attachedTo !== undefined) policy.attached_to = subject.attachedTo;
  if (change !== undefined) policy.change = change;
  if (late !== undefined) policy.late = late;
  if (related.length > 0) policy.related = related;
  const wanted = wantedOf(subject, leading ?? subject.arn, answer, policy);
  return wanted === undefined ? { policy } : { policy, wanted };
}

/** Operations that may answer earlier activations: they bring a document, or move the default. */
const ANSWERERS: ReadonlySet<string> = new Set(['create', 'create_version', 'set_default']);

function eventAnswer(analyzed: AnalyzedDocument): Answer {
  return { from: 'event', analysis: analyzed.analysis };
}

function changeOf(
  subject: PolicySubject,
  analyzed: AnalyzedDocument | undefined,
  answer: Answer,
  records: Records,
  context: PolicyContext,
): ChangeEnrichment | undefined {
  const previous = resolvePrevious(subject, analyzed, records, context);
  if (previous === undefined || (subject.failed && answer.analysis === undefined)) return undefined;
  if (previous.analysis === undefined || answer.analysis === undefined)
    return unknownChange(previous.version);
  return renderChange(
    compareAnalyses(previous.analysis, answer.analysis, context.knowledge),
    previous.analysis,
    previous.version,
  );
}

function lateOf(subject: PolicySubject, records: Records): PolicyEnrichment['late'] {
  if (subject.failed || subject.lifeKey === undefined || subject.life !== 'managed') return undefined;
  if (!ANSWERERS.has(subject.operation)) return undefined;
  const record = records.get(subject.lifeKey);
  return hasUnanswered(record) ? lateActivations(subject, readLifeHistory(record)) : undefined;
}
