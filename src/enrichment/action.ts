import type { CloudTrailEvent } from '../cloudtrail/event.ts';
import { type Actions, accessLevelOf } from '../knowledge/actions.ts';
import type { Operation } from '../knowledge/operation.ts';
import { operationOf } from './operation.ts';
import { deniedAction, type Outcome, outcomeOf } from './outcome.ts';
import type { ActionEnrichment } from './output.ts';

/** Reasons that do not come from the data. */
export const ACTION_REASONS = {
  console: 'call of the AWS console without a public API operation',
  unknownWithoutReadOnly: 'unknown operation, and the record does not say whether it only reads',
  inferred: 'unknown operation; the level follows from readOnly',
  unlisted: 'AWS does not list this action; the level follows from readOnly',
  unlistedWithoutReadOnly: 'AWS does not list this action',
} as const;

/**
 * The IAM action behind an event and AWS's access level for it, or a stated reason for having none.
 *
 * In order: event types that are no API calls; what AWS names in a refusal; exceptions by exact name,
 * with and without API date; the host's prefixes; shared hosts by request; else a level inferred from
 * `readOnly`. The same verdict is the same frozen object.
 */
export function enrichAction(event: CloudTrailEvent, actions: Actions): ActionEnrichment {
  const outcome = outcomeOf(event);
  const { eventType } = event;
  if (eventType !== undefined && eventType !== 'AwsApiCall') {
    const reason = actions.eventTypes.get(eventType);
    if (reason !== undefined) return withoutAction(reason, outcome);
  }
  const operation = operationOf(event, actions);
  const answers = answersOf(operation);
  if (outcome === 'denied') {
    const named = deniedAction(event.errorMessage);
    if (named !== undefined) return deniedAnswer(answers, operation, named, event.readOnly, actions);
  }
  if (operation.resolvedBy !== 'unknown') {
    return knownAnswer(answers, operation, outcome);
  }
  return eventType === 'AwsConsoleAction'
    ? withoutAction(ACTION_REASONS.console, outcome)
    : inferredAnswer(event.readOnly, outcome);
}

/** Verdicts of one operation, made when first needed. Denied ones by action named; bounded. */
type Answers = { [Key in Outcome]?: ActionEnrichment } & { denied_by?: Map<string, ActionEnrichment> };

const answersByOperation = new WeakMap<Operation, Answers>();

/** A refusal names one of an operation's few actions; more than these are made anew each time. */
const MAX_DENIED_ANSWERS = 4;

function answersOf(operation: Operation): Answers {
  const known = answersByOperation.get(operation);
  if (known !== undefined) return known;
  const answers: Answers = {};
  answersByOperation.set(operation, answers);
  return answers;
}

function knownAnswer(answers: Answers, operation: Operation, outcome: Outcome): ActionEnrichment {
  const known = answers[outcome];
  if (known !== undefined) return known;
  const { iam, conditional, level, resolvedBy, reason } = operation;
  const answer = Object.freeze({
    ...(iam.length === 0 ? {} : { iam: frozenCopy(iam) }),
    ...(conditional.length === 0 ? {} : { conditional: frozenCopy(conditional) }),
    ...(level === undefined ? {} : { access_level: level }),
    resolved_by: resolvedBy === 'unknown' ? ('none' as const) : resolvedBy,
    ...(reason === undefined ? {} : { reason }),
    outcome,
  });
  answers[outcome] = answer;
  return answer;
}

/** Verdicts are shared between events: nobody may change one. */
function frozenCopy(list: readonly string[]): string[] {
  const copy = [...list];
  Object.freeze(copy);
  return copy;
}

function deniedAnswer(
  answers: Answers,
  operation: Operation,
  named: string,
  readOnly: boolean | undefined,
  actions: Actions,
): ActionEnrichment {
  const id = actions.catalog.idOf(named.toLowerCase());
  const action = id === undefined ? undefined : actions.catalog.names[id];
  if (action === undefined) return unlistedAnswer(operation, named, readOnly);
  const known = answers.denied_by?.get(action);
  if (known !== undefined) return known;
  const level = accessLevelOf(actions, action);
  const answer = Object.freeze({
    iam: frozenCopy([action]),
    ...otherActions(operation, action),
    ...(level === undefined ? {} : { access_level: level }),
    resolved_by: 'denied_message' as const,
    outcome: 'denied' as const,
  });
  answers.denied_by ??= new Map();
  if (answers.denied_by.size < MAX_DENIED_ANSWERS) answers.denied_by.set(action, answer);
  return answer;
}

/** An action that AWS names but does not list (yet, or any more) is AWS's answer all the same. */
function unlistedAnswer(
  operation: Operation,
  named: string,
  readOnly: boolean | undefined,
): ActionEnrichment {
  return Object.freeze({
    iam: frozenCopy([named]),
    ...otherActions(operation, named),
    ...(readOnly === undefined ? {} : { access_level: inferredLevel(readOnly) }),
    resolved_by: 'denied_message' as const,
    reason: readOnly === undefined ? ACTION_REASONS.unlistedWithoutReadOnly : ACTION_REASONS.unlisted,
    outcome: 'denied' as const,
  });
}

function otherActions(operation: Operation, named: string): Pick<ActionEnrichment, 'conditional'> {
  const others = [...operation.iam, ...operation.conditional].filter((action) => action !== named);
  return others.length === 0 ? {} : { conditional: frozenCopy(others) };
}

function inferredAnswer(readOnly: boolean | undefined, outcome: Outcome): ActionEnrichment {
  if (readOnly === undefined) return withoutAction(ACTION_REASONS.unknownWithoutReadOnly, outcome);
  return INFERRED[readOnly ? 'Read' : 'Write'][outcome];
}

function inferredLevel(readOnly: boolean): 'Read' | 'Write' {
  return readOnly ? 'Read' : 'Write';
}

const INFERRED = { Read: inferredAnswers('Read'), Write: inferredAnswers('Write') } as const;

function inferredAnswers(level: 'Read' | 'Write'): Record<Outcome, ActionEnrichment> {
  return perOutcome({ access_level: level, resolved_by: 'inferred', reason: ACTION_REASONS.inferred });
}

/** Verdicts without an action, by reason: as many as the data has reasons. */
const withoutActionByReason = new Map<string, Record<Outcome, ActionEnrichment>>();

function withoutAction(reason: string, outcome: Outcome): ActionEnrichment {
  const known = withoutActionByReason.get(reason);
  if (known !== undefined) return known[outcome];
  const made = perOutcome({ resolved_by: 'none', reason });
  withoutActionByReason.set(reason, made);
  return made[outcome];
}

function perOutcome(answer: Omit<ActionEnrichment, 'outcome'>): Record<Outcome, ActionEnrichment> {
  return {
    success: Object.freeze({ ...answer, outcome: 'success' }),
    denied: Object.freeze({ ...answer, outcome: 'denied' }),
    failed: Object.freeze({ ...answer, outcome: 'failed' }),
  };
}
