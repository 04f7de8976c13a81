/** Where the shared state is kept, read from `DETRAILS_STORE_URL`. */
export type StoreTarget =
  | { readonly kind: 'memory' }
  | {
      readonly kind: 'single' | 'cluster' | 'sentinel';
      readonly nodes: readonly StoreNode[];
      readonly tls: boolean;
      /** ACL user; without it the password is the old one-password kind. */
      readonly username?: string;
      readonly password?: string;
      /** Database number; clusters have only 0. */
      readonly database: number;
      /** Name of the master the sentinels watch. */
      readonly master?: string;
    };

export type StoreNode = { readonly host: string; readonly port: number };

/** What is wrong with a URL; says no part of it, since it may hold a password. */
export type StoreUrlFault = { readonly fault: string };

const SCHEME = /^(redis|rediss|valkey|valkeys)(?:-(cluster|sentinel))?:\/\/(.*)$/s;
const DEFAULT_PORT = 6379;
const DEFAULT_SENTINEL_PORT = 26379;
const NODES_LIMIT = 64;

/**
 * Reads a store URL: `redis://[user:password@]host[:port][/database]`, the same with `rediss`, `valkey` or
 * `valkeys` (the last letter s means TLS), `redis-cluster://h1:p1,h2:p2` and
 * `redis-sentinel://h1,h2/master[/database]` (`rediss-…` with TLS). User and password are percent-encoded;
 * hosts may be IPv6 addresses in brackets. Empty means memory.
 */
export function parseStoreUrl(url: string): StoreTarget | StoreUrlFault {
  if (url === '') return { kind: 'memory' };
  const match = SCHEME.exec(url);
  if (match === null)
    return { fault: 'the scheme is none of redis, rediss, valkey, valkeys (-cluster, -sentinel)' };
  const [, scheme = '', mode, rest = ''] = match;
  if (/[?#]/.test(rest)) return { fault: 'parameters and fragments are not supported' };
  const kind = mode === 'cluster' || mode === 'sentinel' ? mode : 'single';
  const at = rest.lastIndexOf('@');
  const credentials = readCredentials(at === -1 ? '' : rest.slice(0, at));
  if ('fault' in credentials) return credentials;
  const [hosts = '', ...path] = rest.slice(at + 1).split('/');
  const nodes = readNodes(hosts, kind === 'sentinel' ? DEFAULT_SENTINEL_PORT : DEFAULT_PORT);
  if ('fault' in nodes) return nodes;
  if (kind === 'single' && nodes.length > 1) return { fault: 'several hosts need -cluster or -sentinel' };
  const master = kind === 'sentinel' ? path.shift() : undefined;
  if (kind === 'sentinel' && !master) return { fault: 'a sentinel URL ends in /master-name' };
  const database = readDatabase(path);
  if (typeof database === 'object') return database;
  if (kind === 'cluster' && database !== 0) return { fault: 'a cluster has only database 0' };
  const tls = scheme.endsWith('s') && scheme !== 'redis';
  return { kind, nodes, tls, ...credentials, database, ...(master !== undefined && { master }) };
}

function readCredentials(
  text: string,
): { readonly username?: string; readonly password?: string } | StoreUrlFault {
  if (text === '') return {};
  const colon = text.indexOf(':');
  try {
    const username = decodeURIComponent(colon === -1 ? text : text.slice(0, colon));
    const password = colon === -1 ? '' : decodeURIComponent(text.slice(colon + 1));
    return { ...(username !== '' && { username }), ...(password !== '' && { password }) };
  } catch {
    return { fault: 'user or password is not percent-encoded' };
  }
}

function readNodes(hosts: string, defaultPort: number): readonly StoreNode[] | StoreUrlFault {
  const parts = hosts.split(',');
  if (parts.length > NODES_LIMIT) return { fault: `more than ${NODES_LIMIT} hosts` };
  const nodes: StoreNode[] = [];
  for (const part of parts) {
    const match = /^(?:\[([0-9A-Fa-f:.]+)\]|([^:[\]\s]+))(?::([0-9]{1,5}))?$/.exec(part);
    const host = match?.[1] ?? match?.[2];
    const port = match?.[3] === undefined ? defaultPort : Number(match[3]);
    if (host === undefined || port < 1 || port > 65_535) return { fault: 'a host is not host or host:port' };
    nodes.push({ host, port });
  }
  return nodes;
}

function readDatabase(path: readonly string[]): number | StoreUrlFault {
  const [text = '', ...more] = path;
  if (more.length > 0) return { fault: 'the path is longer than expected' };
  if (text === '') return 0;
  return /^[0-9]{1,4}$/.test(text) ? Number(text) : { fault: 'the database is not a number' };
}
