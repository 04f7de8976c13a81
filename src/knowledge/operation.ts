import type { AccessLevelName } from './actions-file.ts';

/**
 * What an event did, in AWS's terms: the operation behind its source and name, and the IAM actions that
 * authorize it. Frozen and interned: the same source and name give the same object while it is in use, so
 * that what is derived from it can be kept in a `WeakMap`. To look an operation up in other data, use
 * {@link Operation.source} and {@link Operation.name}.
 */
export type Operation = {
  /** Host as `eventSource` gives it, lower case, partition suffix normalized: `iam.amazonaws.com`. */
  readonly source: string;
  /** The host's label, `iam`: what stands before `.amazonaws.com`. */
  readonly service: string;
  /** `eventName` without an API date: `CreateFunction` of `CreateFunction20150331`. */
  readonly name: string;
  /** Actions that all were needed, in AWS's spelling; empty when there is none or it is unknown which. */
  readonly iam: readonly string[];
  /** Actions that may have been needed as well; for a {@link anyOf} operation, the set one of which was. */
  readonly conditional: readonly string[];
  /** True when one of {@link conditional} was needed and the event does not say which. */
  readonly anyOf: boolean;
  /** AWS's level: the highest of {@link iam}, for an {@link anyOf} operation of {@link conditional}. */
  readonly level: AccessLevelName | undefined;
  /** How it was found; `none` when it has no IAM action, `unknown` when nothing is known of it. */
  readonly resolvedBy: 'name' | 'host' | 'suffix' | 'exception' | 'none' | 'unknown';
  /** Why there is no action, or a remark on it. */
  readonly reason: string | undefined;
  /** Answers that depend on the request; the first whose test holds replaces this one. */
  readonly variants: readonly OperationVariant[] | undefined;
};

/** One answer that depends on the request, with its test. */
export type OperationVariant = {
  readonly test: VariantTest;
  readonly operation: Operation;
};

/** Holds when one of `parameters` is present as text (with `contains` in it), or the caller's type fits. */
export type VariantTest = {
  readonly parameters: readonly string[];
  readonly contains: string | undefined;
  readonly identityTypes: readonly string[];
};
