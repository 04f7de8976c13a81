import type { PolicyKind } from '../../iam/analysis.ts';
import type { PolicyOperation } from './policy-event.ts';

/**
 * The document an event carries, or why it carries none: `hidden` by AWS, `omitted` because the request
 * was too large for CloudTrail (padding a policy with white space hides it), `absent` otherwise.
 */
export type SubjectDocument =
  | { readonly state: 'present'; readonly value: unknown }
  | { readonly state: 'hidden' | 'omitted' | 'absent' };

/** Which record remembers this policy's life. */
export type LifeKind = 'managed' | 'inline' | 'trust' | 'resource';

/** What an event does to which policy: all that is read from the event, before any look-up. */
export type PolicySubject = {
  readonly operation: PolicyOperation;
  readonly kind: PolicyKind;
  /** ARN of the managed policy, or of the resource that carries a resource policy. */
  readonly arn?: string;
  /** Version the event names or makes, such as `v3`. */
  readonly version?: string;
  readonly name?: string;
  /** ARN of the principal or permission set the policy belongs to. */
  readonly attachedTo?: string;
  readonly document: SubjectDocument;
  /** True when operation and row say that a document belongs into the event. */
  readonly bringsDocument: boolean;
  /** CreatePolicyVersion: the new version becomes the default at once. */
  readonly setsDefault: boolean;
  readonly isNew: boolean;
  /** True when the call failed: it is an attempt and changes nothing. */
  readonly failed: boolean;
  /** ARNs of managed policies beside the document: a boundary, a session's policies. At most 10. */
  readonly references: readonly string[];
  /** Fixed-width event time; absent when the event has none: then nothing is remembered. */
  readonly time?: string;
  /** The event's id, else its request's, as it may be stored. */
  readonly eventId: string;
  /** The account whose policies this event may write. */
  readonly account?: string;
  readonly life?: LifeKind;
  /** Store key of the life record, when the policy can be named. */
  readonly lifeKey?: string;
};
