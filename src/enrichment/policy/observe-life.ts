import type { Contribution, FieldOperation } from '../../store/port.ts';
import type { AnalyzedDocument, PolicyContext } from './context.ts';
import {
  defaultOperation,
  deletedOperation,
  documentOperation,
  lifeContribution,
  managedLifeKey,
  storable,
  unansweredOperation,
} from './life-record.ts';
import { AWS_ACCOUNT, parseManagedArn } from './policy-arn.ts';
import { isOwn, ownDefault, versionLabel } from './resolve.ts';
import type { PolicySubject } from './subject.ts';

/**
 * What an event teaches and asks: the analysis of its document first, so that whoever learns of the
 * document finds it, then the life record, then the lives of the policies it refers to.
 */
export function contributionsOf(
  subject: PolicySubject,
  analyzed: AnalyzedDocument | undefined,
  context: PolicyContext,
): readonly Contribution[] {
  const contributions: Contribution[] = [];
  const writes = writeOperations(subject, analyzed);
  if (writes.length > 0 && analyzed !== undefined) {
    const key = context.analysisKey(analyzed.hash, subject.kind, subject.account);
    contributions.push(context.remember(key, analyzed.analysis));
  }
  if (subject.lifeKey !== undefined && !isBundled(subject.arn, context)) {
    contributions.push(lifeContribution(subject.lifeKey, writes));
  }
  for (const arn of subject.references) {
    const key = managedLifeKey(arn);
    if (key !== undefined && !isBundled(arn, context)) contributions.push(lifeContribution(key, []));
  }
  return contributions;
}

/** What notes that an activation of `arn` had to go unanswered; undefined when it may not be noted. */
export function unansweredContribution(
  subject: PolicySubject,
  arn: string,
  version: string | undefined,
): Contribution | undefined {
  const key = managedLifeKey(arn);
  const { time, account } = subject;
  if (subject.failed || time === undefined || key === undefined) return undefined;
  if (account === undefined || parseManagedArn(arn)?.account !== account) return undefined;
  return lifeContribution(key, [
    unansweredOperation({
      time,
      eventId: subject.eventId,
      operation: subject.operation,
      version: storable(version),
      attachedTo: storable(subject.attachedTo),
    }),
  ]);
}

function writeOperations(
  subject: PolicySubject,
  analyzed: AnalyzedDocument | undefined,
): readonly FieldOperation[] {
  const { time, life } = subject;
  if (subject.failed || time === undefined || life === undefined || subject.account === undefined)
    return NONE;
  const { eventId } = subject;
  const state = subject.document.state;
  const document = analyzed?.hash ?? (state === 'present' ? 'absent' : state);
  if (life !== 'managed') {
    if (subject.bringsDocument) return [documentOperation({ time, version: '', document, eventId })];
    return REMOVALS.has(subject.operation) ? [deletedOperation({ time, version: '', eventId })] : NONE;
  }
  if (!isOwn(subject)) return NONE;
  const version = storable(versionLabel(subject));
  switch (subject.operation) {
    case 'create':
    case 'create_version':
      return [
        documentOperation({ time, version, document, eventId }),
        ...(subject.setsDefault ? [defaultOperation({ ...ownDefault(subject, time), version })] : []),
      ];
    case 'set_default':
      return subject.version === undefined
        ? NONE
        : [defaultOperation({ ...ownDefault(subject, time), version })];
    case 'delete_version':
      return subject.version === undefined ? NONE : [deletedOperation({ time, version, eventId })];
    case 'delete':
      return [deletedOperation({ time, version: '', eventId })];
    default:
      return NONE;
  }
}

const NONE: readonly FieldOperation[] = [];
const REMOVALS: ReadonlySet<string> = new Set(['delete_inline', 'remove_resource_policy']);

/** AWS-managed policies of the bundle need no record, and no event may write one. */
function isBundled(arn: string | undefined, context: PolicyContext): boolean {
  if (arn === undefined || parseManagedArn(arn)?.account !== AWS_ACCOUNT) return false;
  return context.managed.find(arn) !== undefined;
}
