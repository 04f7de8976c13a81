/**
 * AWS's access levels, in ascending order of what they allow. The same list as `ACCESS_LEVELS` of the
 * output schema; kept here as well because knowledge knows nothing above it (a test compares the two).
 */
export const ACCESS_LEVEL_NAMES = ['List', 'Read', 'Tagging', 'Write', 'Permissions management'] as const;

/** An access level of the Service Authorization Reference. */
export type AccessLevelName = (typeof ACCESS_LEVEL_NAMES)[number];

/**
 * One letter per access level, in the order of {@link ACCESS_LEVEL_NAMES}. In lower case the action is
 * unrestrictable: AWS lists no resource type for it, so a policy can allow it on `*` only.
 */
export const LEVEL_LETTERS = 'LRTWP';

/** One service's actions. Made for loading: names and levels are split and mapped in bulk. */
export type ServiceActions = {
  /** Space-joined, sorted by code unit of the lower-case form. */
  readonly names: string;
  /** The {@link LEVEL_LETTERS} of the names, one each. */
  readonly levels: string;
  /** Those of the names that AWS no longer lists; old logs still do. Space-joined. */
  readonly retired?: string;
};

/** `eventSource` label to `eventName` to a value. */
export type EventTable = { readonly [source: string]: { readonly [name: string]: string } };

/**
 * An answer that depends on the request: the first whose test holds replaces the operation's own.
 * `parameters` are alternative spellings of one request parameter, one of which must be present as text
 * (and contain `contains`); `identityTypes` are values of `userIdentity.type`.
 */
export type VariantRow = {
  readonly parameters?: readonly string[];
  readonly contains?: string;
  readonly identityTypes?: readonly string[];
  /** Space-joined actions; empty when the call has none. */
  readonly actions: string;
  readonly reason?: string;
};

/** Where a part of the file came from. */
export type SourceRow = {
  readonly name: string;
  readonly version: string;
  /** ISO 8601 day. */
  readonly date: string;
  /** Of the parts that were read. */
  readonly sha256: string;
};

/** `data/actions.json`, written by `data/build/build-actions.ts`. Lists of actions are space-joined. */
export type ActionsFile = {
  readonly format: 1;
  readonly sources: readonly SourceRow[];
  /** Short hash of {@link services}: equal hashes mean equal ids, levels and marks. */
  readonly catalog_hash: string;
  /** Short hash of all members below. */
  readonly hash: string;
  /** IAM prefix to its actions; sorted by lower-case prefix. */
  readonly services: { readonly [prefix: string]: ServiceActions };
  /** `eventSource` label to IAM prefixes in order, where the label alone is not the prefix. */
  readonly hosts: { readonly [label: string]: string };
  /** Operations whose actions (all of them) are not the same-named one. */
  readonly events: EventTable;
  /** Operations authorized by one of several actions. */
  readonly any: EventTable;
  /** Further actions that an operation may need. */
  readonly conditional: EventTable;
  /** Operations without an IAM action, with the reason. */
  readonly none: EventTable;
  /** Remarks on operations that do have an action. */
  readonly notes: EventTable;
  readonly variants: { readonly [source: string]: { readonly [name: string]: readonly VariantRow[] } };
  /** `eventType` values that are no API calls, with the reason. */
  readonly event_types: { readonly [eventType: string]: string };
  /** IAM prefix to action name to the actions it depends on, such as `iam:PassRole`. */
  readonly dependents: EventTable;
};
