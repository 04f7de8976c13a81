import type { PolicyContext } from './context.ts';
import { type Answer, type Records, resolveCarried, resolveManaged } from './resolve.ts';
import type { PolicySubject } from './subject.ts';

/** Operations that bring a version into force without carrying its document. */
export const ACTIVATIONS: ReadonlySet<string> = new Set(['attach', 'set_default', 'set_boundary']);

/** The answer for an event without a readable document. */
export function resolveSubject(subject: PolicySubject, records: Records, context: PolicyContext): Answer {
  const { document, arn, failed } = subject;
  if (document.state === 'hidden' || document.state === 'omitted') {
    return { from: 'event', withheld: document.state };
  }
  const [reference] = subject.references;
  if (reference !== undefined && leadsWithReference(subject)) {
    return resolveManaged(reference, undefined, subject, records, context);
  }
  if (subject.bringsDocument) {
    return { from: 'none', reason: failed ? 'failed_call_without_document' : 'event_brought_no_document' };
  }
  if (subject.life === 'managed' && arn !== undefined) {
    return resolveManaged(arn, subject.version, subject, records, context);
  }
  if (subject.lifeKey !== undefined) return resolveCarried(subject, records, context);
  return { from: 'none', reason: failed ? 'failed_call_names_no_policy' : 'event_names_no_policy' };
}

/** A session that is limited by managed policies alone is about the first of them. */
export function leadsWithReference(subject: PolicySubject): boolean {
  return subject.kind === 'session' && subject.document.state === 'absent' && subject.references.length > 0;
}
