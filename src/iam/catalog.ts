/**
 * What the policy language needs to know of AWS's actions. `knowledge/` builds it from
 * `data/actions.json`; the library takes it as an argument.
 *
 * Actions have integer ids: sorted by service prefix, then by name (both by code unit of the lower-case
 * form), so that the actions of one service are one contiguous range and sets of actions are bit sets.
 */
export interface ActionCatalog {
  /** `service:Action` in AWS's spelling; the index is the id. */
  readonly names: readonly string[];
  /** The same in lower case, for case-insensitive matching. */
  readonly lowerNames: readonly string[];
  /** Per id: index into `ACCESS_LEVELS` (`List`, `Read`, `Tagging`, `Write`, `Permissions management`). */
  readonly levels: Uint8Array;
  /** Per id: 1 when the action can be limited to a resource, 0 when AWS lists no resource type for it. */
  readonly restrictable: Uint8Array;
  /** Per id: 1 when AWS no longer lists it. */
  readonly retired: Uint8Array;
  /** Lower-case service prefix to its id range `[first, end)`. */
  readonly services: ReadonlyMap<string, readonly [first: number, end: number]>;
  /** Id of a lower-case `service:action`, or undefined. */
  idOf(lowerName: string): number | undefined;
  /** Short hash of the names: two catalogs with the same hash number their actions alike. */
  readonly hash: string;
}
