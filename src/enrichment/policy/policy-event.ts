import type { PolicyKind } from '../../iam/analysis.ts';

/** What an event does to a policy; the values of `detrails.policy.operation`. */
export type PolicyOperation =
  | 'create'
  | 'create_version'
  | 'set_default'
  | 'delete_version'
  | 'delete'
  | 'attach'
  | 'detach'
  | 'put_inline'
  | 'delete_inline'
  | 'set_boundary'
  | 'remove_boundary'
  | 'create_role'
  | 'set_trust'
  | 'session_policy'
  | 'set_resource_policy'
  | 'remove_resource_policy'
  | 'add_permission'
  | 'remove_permission';

/** Services whose calls carry the fields of one statement instead of a document. */
export type StatementFields = 'lambda' | 'lambda_layer' | 'events' | 'sns' | 'sqs' | 'signer';

/**
 * One event that touches a policy, as data: where its document and its names sit.
 *
 * A path starts with `request` (`requestParameters`) or `response` (`responseElements`); of several the
 * first that is present counts, members match in either case of their first letter, because services
 * disagree. A template is an ARN with paths in braces besides `{partition}`, `{region}`, `{account}` and
 * `{queue}`, the ARN behind a queue's URL;
 * a value that is an ARN already stands for the whole template.
 */
export type PolicyEvent = {
  readonly source: string;
  readonly name: string;
  readonly operation: PolicyOperation;
  readonly kind: PolicyKind;
  readonly documents?: readonly string[];
  /** Set when the call carries statement fields, from which an equivalent statement is built. */
  readonly statement?: StatementFields;
  /** The event counts only when the member at `path` has this value. */
  readonly when?: { readonly path: string; readonly equals: string };
  /** True when most such calls touch no policy: without document and reference there is nothing to say. */
  readonly optional?: boolean;
  /** Paths of the ARN of a managed policy, or templates for it. */
  readonly policyArn?: readonly string[];
  readonly version?: readonly string[];
  readonly policyName?: readonly string[];
  /** Templates of the ARN of the principal, permission set or resource that carries the policy. */
  readonly owner?: readonly string[];
  /** Paths of ARNs of managed policies beside the document: a boundary, a session's policies. */
  readonly references?: readonly string[];
  /** True when the call creates its owner, so that no earlier document can be compared with. */
  readonly isNew?: boolean;
};
