/** Confidence of a technique for an event, ascending. `derived` comes from a class rule or from review alone. */
export const CONFIDENCES = ['derived', 'low', 'medium', 'high'] as const;
export type Confidence = (typeof CONFIDENCES)[number];

/**
 * What kind of call an event is. Reads form a tier of their own, outside `threat.*`; sign-ins and token
 * calls (`auth`) and calls on data (`data`) are dropped when a service makes them on somebody's behalf.
 */
export const ACCESS_TIERS = ['read', 'write', 'auth', 'data'] as const;
export type AccessTier = (typeof ACCESS_TIERS)[number];

/** Tests on one value or a list of values of the record; see `enrichment/attack/predicates.ts`. */
export const OPERATORS = [
  'equals',
  'equalsIgnoreCase',
  'notEquals',
  'in',
  'exists',
  'absent',
  'contains',
  'containsIgnoreCase',
  'containsAny',
  'containsAnyIgnoreCase',
  'matches',
  'notMatches',
  'lessThan',
  'endsWithAny',
  'equalsPath',
  'notEqualsPath',
  'anyEquals',
  'foreignAccount',
  'principalIsExternal',
  'policyAllows',
  'policyTrustsExternal',
  'policyTrustsAnyone',
  'policyTrustsUnboundService',
  'opensPortToWorld',
] as const;
export type Operator = (typeof OPERATORS)[number];

/** A value a test compares with. */
export type TestValue = string | number | boolean | readonly (string | number | boolean)[];

/** One test: `path` names members of the record, `[]` every element, `*` every member. */
export type TestRow = { readonly path: string; readonly op: Operator; readonly value?: TestValue };

/** A condition over the record. */
export type ConditionRow =
  | TestRow
  | { readonly any: readonly ConditionRow[] }
  | { readonly all: readonly ConditionRow[] }
  | { readonly not: ConditionRow };

/** Changes the confidence when all of `when` hold. */
export type ChangeRow = {
  readonly to: Confidence;
  /** Stable code, in the output's `reasons`. */
  readonly reason: string;
  readonly when: readonly ConditionRow[];
};

/** One technique of an event. Ids and tactics are those of the newest release. */
export type TechniqueRow = {
  readonly id: string;
  readonly confidence: Confidence;
  /** Tactics that sources vote for on this event; absent means all of the technique's. */
  readonly tactics?: readonly string[];
  /** All must hold for the technique to be named at all. */
  readonly when?: readonly ConditionRow[];
  /** Code for the output when {@link when} held. */
  readonly reason?: string;
  readonly raise?: readonly ChangeRow[];
  readonly lower?: readonly ChangeRow[];
  readonly gate?: {
    /** `keep`: AWS writes the record as a service event although somebody else acted. */
    readonly service?: 'keep';
    /** `signal`: the failed call is what the technique is about, so it is no mere attempt. */
    readonly failure?: 'signal';
  };
  /** Identifiers of public rules that map the event to this technique's family. */
  readonly evidence?: readonly string[];
};

export type EventRow = { readonly access: AccessTier; readonly techniques: readonly TechniqueRow[] };

/** `data/attack.json`, written by `data/build/build-attack.ts`. */
export type AttackFile = {
  readonly format: 1;
  /** Release the ids belong to. */
  readonly release: string;
  /** Edition of the mapping: day of the last review. */
  readonly version: string;
  readonly hash: string;
  /** Event source host to event name (without API date) to what it may be. */
  readonly events: { readonly [source: string]: { readonly [name: string]: EventRow } };
  /** Class rules, by id: what every action of the class may be. */
  readonly classes: { readonly [id: string]: readonly TechniqueRow[] };
  /** IAM prefix to class id to action names, space-joined. */
  readonly actions: { readonly [prefix: string]: { readonly [classId: string]: string } };
  /** Service label to class id to event names, space-joined, for operations not named like their action. */
  readonly operations: { readonly [label: string]: { readonly [classId: string]: string } };
};

/** A tactic of a release, by short name. */
export type TacticRow = { readonly id: string; readonly name: string };

/** A technique in the newest release, with what differs in the older one. */
export type TechniqueName = {
  readonly name: string;
  readonly tactics: readonly string[];
  /** In release 18.1: another id, name or other tactics; absent members are the same. */
  readonly v18?: { readonly id?: string; readonly name?: string; readonly tactics?: readonly string[] };
};

/** `data/techniques.json`: the techniques that the mapping uses, with their parents. */
export type TechniquesFile = {
  readonly format: 1;
  readonly releases: {
    readonly [release: string]: {
      readonly date: string;
      readonly tactics: { readonly [shortName: string]: TacticRow };
    };
  };
  readonly techniques: { readonly [id: string]: TechniqueName };
  /** Names of parents that exist in one release only: `18.1` has `T1562`. */
  readonly parents: { readonly [release: string]: { readonly [id: string]: string } };
};
