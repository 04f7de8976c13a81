/** What a key may be good for. */
export const SCOPES = ['enrich', 'read', 'import', 'metrics'] as const;
export type Scope = (typeof SCOPES)[number];

/** What a route asks of its caller: nothing, any known caller, or a caller with a scope. */
export type Need = 'nothing' | 'known' | Scope;

/** A caller that proved who it is. */
export type Caller = {
  /** Name of the key, or `certificate` and the fingerprint of a client certificate. Safe to log. */
  readonly name: string;
  readonly scopes: ReadonlySet<Scope>;
};

export const ALL_SCOPES: ReadonlySet<Scope> = new Set(SCOPES);

/**
 * By the pattern of the route. What is not in here, such as the documentation and whatever does not exist,
 * needs a known caller: a route that somebody forgets to add is closed rather than open.
 */
const NEEDS: ReadonlyMap<string, Need> = new Map<string, Need>([
  ['/livez', 'nothing'],
  ['/readyz', 'nothing'],
  ['/healthz', 'nothing'],
  ['/v1/enrich', 'enrich'],
  ['/v1/policies/analyze', 'read'],
  ['/v1/policies', 'read'],
  ['/v1/policies/import', 'import'],
  ['/v1/actions/:service/:name', 'read'],
  ['/v1/sessions/:access_key_id', 'read'],
  ['/metrics', 'metrics'],
]);

/** What the route with this pattern asks; undefined stands for a path that no route answers. */
export function needOf(pattern: string | undefined): Need {
  return (pattern === undefined ? undefined : NEEDS.get(pattern)) ?? 'known';
}
