import type { PolicyAnalysis } from '../../iam/analysis.ts';
import type { StoredRecord } from '../../store/port.ts';
import type { AnalyzedDocument, PolicyContext } from './context.ts';
import {
  defaultAt,
  defaultBefore,
  documentAt,
  documentBefore,
  type Found,
  type LifeHistory,
  readLifeHistory,
} from './life-history.ts';
import type { DefaultEntry, DocumentEntry } from './life-record.ts';
import { managedLifeKey } from './life-record.ts';
import { AWS_ACCOUNT, parseManagedArn } from './policy-arn.ts';
import type { PolicySubject } from './subject.ts';

export type Records = ReadonlyMap<string, StoredRecord>;

/** What is known of the policy an event is about, and where it is known from. */
export type Answer = {
  readonly from: 'event' | 'cache' | 'bundle' | 'none';
  readonly analysis?: PolicyAnalysis;
  readonly version?: string;
  /** The document exists, but its event had to keep it back. */
  readonly withheld?: 'hidden' | 'omitted';
  /** Why there is no analysis; a stable code. */
  readonly reason?: string;
  /** Key of an analysis that history names and that is not at hand yet. */
  readonly missingKey?: string;
  /** The entries of history the answer rests on. */
  readonly document?: DocumentEntry;
  readonly default?: DefaultEntry;
};

/** A managed policy of the bundle or of the account's own history, as of `subject`'s time. */
export function resolveManaged(
  arn: string,
  version: string | undefined,
  subject: PolicySubject,
  records: Records,
  context: PolicyContext,
): Answer {
  const parsed = parseManagedArn(arn);
  const key = parsed === undefined ? undefined : managedLifeKey(arn);
  if (parsed === undefined || key === undefined) return { from: 'none', reason: 'not_an_iam_policy_arn' };
  if (parsed.account === AWS_ACCOUNT) {
    const bundled = context.managed.find(arn);
    if (bundled !== undefined) return { from: 'bundle', ...bundled };
  } else if (subject.account !== undefined && parsed.account !== subject.account) {
    return { from: 'none', reason: 'policy_of_another_account' };
  }
  const history = historyOf(key, subject, records);
  return version === undefined
    ? answerDefault(defaultAt(history, subject.time), history, subject, records, context)
    : answerVersion(version, history, subject, records, context);
}

/** The document an inline, trust or resource policy had before `subject`'s event. */
export function resolveCarried(subject: PolicySubject, records: Records, context: PolicyContext): Answer {
  if (subject.lifeKey === undefined) return { from: 'none', reason: 'event_names_no_policy' };
  if (subject.time === undefined) return { from: 'none', reason: 'event_has_no_time' };
  const history = historyOf(subject.lifeKey, subject, records);
  const own = { time: subject.time, version: '', document: '', eventId: subject.eventId };
  return answerDocument(documentBefore(history, own), subject, records, context);
}

/** What the policy allowed just before `subject`'s event changed it; undefined when nothing could be. */
export function resolvePrevious(
  subject: PolicySubject,
  analyzed: AnalyzedDocument | undefined,
  records: Records,
  context: PolicyContext,
): Answer | undefined {
  const { operation, time } = subject;
  if (subject.isNew) return undefined;
  if (operation === 'put_inline' || operation === 'set_trust' || operation === 'set_resource_policy') {
    if (subject.lifeKey === undefined || time === undefined) return { from: 'none' };
    const history = historyOf(subject.lifeKey, subject, records);
    const document = analyzed?.hash ?? subject.document.state;
    const found = documentBefore(history, { time, version: '', document, eventId: subject.eventId });
    // Deleted before, or never there as far as the whole history says: this one is new.
    if ('gap' in found && found.gap === 'policy_was_deleted') return undefined;
    return answerDocument(found, subject, records, context);
  }
  if (operation !== 'create_version' && operation !== 'set_default') return undefined;
  if (subject.lifeKey === undefined || time === undefined || !isOwn(subject)) return { from: 'none' };
  const history = historyOf(subject.lifeKey, subject, records);
  return answerDefault(defaultBefore(history, ownDefault(subject, time)), history, subject, records, context);
}

/** The entry `subject`'s event makes, or would make, in the history of defaults. */
export function ownDefault(subject: PolicySubject, time: string): DefaultEntry {
  const { operation, eventId } = subject;
  const rank = operation === 'create' ? 0 : operation === 'create_version' ? 1 : 2;
  return { time, rank, version: versionLabel(subject), eventId };
}

/** The version an event makes; one the response does not name gets a name of its own. */
export function versionLabel(subject: PolicySubject): string {
  return subject.version ?? `?${subject.eventId}`;
}

/** True when the managed policy belongs to the account that received the call: it alone may write it. */
export function isOwn(subject: PolicySubject): boolean {
  const parsed = subject.arn === undefined ? undefined : parseManagedArn(subject.arn);
  return parsed !== undefined && subject.account === parsed.account;
}

/** The life of the policy, as it was before `subject`'s own event if that one deletes it. */
function historyOf(key: string, subject: PolicySubject, records: Records): LifeHistory {
  const history = readLifeHistory(records.get(key));
  if (!DELETIONS.has(subject.operation)) return history;
  const others = (entry: { readonly eventId: string }): boolean => entry.eventId !== subject.eventId;
  return {
    ...history,
    deleted: history.deleted.filter(others),
    deletedVersions: history.deletedVersions.filter(others),
  };
}

const DELETIONS: ReadonlySet<string> = new Set([
  'delete',
  'delete_version',
  'delete_inline',
  'remove_resource_policy',
]);

function answerDefault(
  found: Found<DefaultEntry>,
  history: LifeHistory,
  subject: PolicySubject,
  records: Records,
  context: PolicyContext,
): Answer {
  if ('gap' in found) return { from: 'none', reason: found.gap };
  const answer = answerVersion(found.entry.version, history, subject, records, context);
  return { ...answer, default: found.entry };
}

function answerVersion(
  version: string,
  history: LifeHistory,
  subject: PolicySubject,
  records: Records,
  context: PolicyContext,
): Answer {
  const answer = answerDocument(documentAt(history, version, subject.time), subject, records, context);
  return version.startsWith('?') ? answer : { ...answer, version };
}

function answerDocument(
  found: Found<DocumentEntry>,
  subject: PolicySubject,
  records: Records,
  context: PolicyContext,
): Answer {
  if ('gap' in found) return { from: 'none', reason: found.gap };
  const document = found.entry;
  const hash = document.document;
  if (hash === 'hidden' || hash === 'omitted') return { from: 'cache', withheld: hash, document };
  if (hash === 'absent') return { from: 'none', reason: 'event_brought_no_document', document };
  const kind = subject.life === 'trust' || subject.life === 'resource' ? subject.life : 'identity';
  const key = context.analysisKey(hash, kind, subject.account);
  const analysis = context.recall(key, records);
  return analysis === undefined
    ? { from: 'none', reason: 'analysis_not_in_store', missingKey: key, document }
    : { from: 'cache', analysis, document };
}
