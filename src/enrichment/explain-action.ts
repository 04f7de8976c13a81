import type { CloudTrailEvent } from '../cloudtrail/event.ts';
import type { Actions } from '../knowledge/actions.ts';
import {
  matchException,
  matchPrefixes,
  prefixesOf,
  resolveOperation,
  serviceLabel,
  stripApiDate,
} from '../knowledge/resolve-operation.ts';
import { enrichAction } from './action.ts';
import { operationOf } from './operation.ts';
import { deniedAction, outcomeOf } from './outcome.ts';

/** How the action of an event was found, for `explain=true`. */
export type ActionExplanation = {
  /** Edition of the action data. */
  readonly data: string;
  /** The steps in the order they were tried; the last one decided. */
  readonly steps: readonly ActionStep[];
};

/** One step: what was looked at, and what it said. */
export type ActionStep = {
  readonly step:
    | 'event_type'
    | 'denied_message'
    | 'exception'
    | 'exception_without_date'
    | 'host_prefixes'
    | 'request'
    | 'read_only';
  readonly looked_at?: string;
  readonly found: string;
};

const NOTHING = 'nothing';
/** Longer texts are cut in explanations; no AWS name is as long. */
const MAX_TEXT = 128;

/** Says which steps {@link enrichAction} tried for this event and which one decided. */
export function explainAction(event: CloudTrailEvent, actions: Actions): ActionExplanation {
  const { name, version, hash } = actions.dataset;
  const steps = [...trace(event, actions)];
  return { data: `${name} ${version} ${hash}`, steps };
}

function* trace(event: CloudTrailEvent, actions: Actions): Generator<ActionStep> {
  const { eventType } = event;
  const typeReason = eventType === undefined ? undefined : actions.eventTypes.get(eventType);
  yield step('event_type', eventType, typeReason ?? 'may have an IAM action');
  if (typeReason !== undefined) return;

  if (outcomeOf(event) === 'denied') {
    const named = deniedAction(event.errorMessage);
    yield step('denied_message', undefined, named ?? NOTHING);
    if (named !== undefined) return;
  }
  yield* traceTables(event, actions);
}

function* traceTables(event: CloudTrailEvent, actions: Actions): Generator<ActionStep> {
  const { eventSource = '', eventName = '' } = event;
  const operation = resolveOperation(actions, eventSource, eventName);
  if (operation.name !== '') {
    const service = serviceLabel(eventSource);
    const name = stripApiDate(eventName);
    const exact = matchException(actions, service, eventName);
    yield step('exception', `${service}:${eventName}`, exact ? foundBy(exact) : NOTHING);
    const undated = exact || name === eventName ? undefined : matchException(actions, service, name);
    if (exact === undefined && name !== eventName) {
      yield step('exception_without_date', `${service}:${name}`, undated ? foundBy(undated) : NOTHING);
    }
    if (exact === undefined && undated === undefined) {
      const match = matchPrefixes(actions, service, name);
      yield step('host_prefixes', prefixesOf(actions, service).join(' '), match ? foundBy(match) : NOTHING);
    }
  }
  if (operation.variants !== undefined) {
    const chosen = operationOf(event, actions);
    yield step('request', undefined, chosen === operation ? 'the usual operation' : foundBy(chosen));
  }
  if (operation.resolvedBy === 'unknown' || operation.name === '') {
    const { access_level: level, reason = NOTHING } = enrichAction(event, actions);
    yield step('read_only', event.readOnly?.toString(), level === undefined ? reason : `${level}: ${reason}`);
  }
}

function foundBy(match: {
  readonly iam?: readonly string[];
  readonly anyOf?: readonly string[] | boolean;
  readonly reason?: string | undefined;
}): string {
  if (match.iam !== undefined && match.iam.length > 0) return match.iam.join(' ');
  if (Array.isArray(match.anyOf)) return `one of ${match.anyOf.join(' ')}`;
  return match.reason ?? NOTHING;
}

function step(name: ActionStep['step'], lookedAt: string | undefined, found: string): ActionStep {
  return {
    step: name,
    ...(lookedAt === undefined || lookedAt === '' ? {} : { looked_at: lookedAt.slice(0, MAX_TEXT) }),
    found,
  };
}
