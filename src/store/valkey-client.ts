import { Cluster, Redis } from 'ioredis';
import { restoreFastStrings } from './fast-strings.ts';
import type { StoreTarget } from './store-url.ts';

// The import above slowed every text in this process down.
restoreFastStrings();

/** One or many connections to the shared store, as ioredis gives them. */
export type ValkeyClient = Redis | Cluster;

/** Longest pause between two attempts to connect. */
const RECONNECT_MAX_MS = 1000;
/** After this long without any answer to a command the connection is given up and made anew. */
const SOCKET_TIMEOUT_MS = 10_000;

/**
 * Connects to the shared store, in the background and for ever: nothing is queued while it is away and
 * nothing is sent twice, so that a caller learns at once and decides itself.
 */
export function createValkeyClient(target: Exclude<StoreTarget, { kind: 'memory' }>): ValkeyClient {
  const { username, password, database } = target;
  const tls = target.tls ? {} : undefined;
  const common = {
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...(tls !== undefined && { tls }),
    protocol: 2 as const,
    connectionName: 'detrails',
    connectTimeout: 2000,
    socketTimeout: SOCKET_TIMEOUT_MS,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    autoResubscribe: false,
    enableReadyCheck: true,
  };
  const retryStrategy = (times: number): number => Math.min(50 * times, RECONNECT_MAX_MS);
  if (target.kind === 'cluster') {
    return new Cluster([...target.nodes], {
      redisOptions: common,
      clusterRetryStrategy: retryStrategy,
      enableOfflineQueue: false,
      enableReadyCheck: true,
      maxRedirections: 2,
      retryDelayOnClusterDown: 20,
      retryDelayOnFailover: 20,
      retryDelayOnTryAgain: 20,
      slotsRefreshTimeout: 1000,
      slotsRefreshInterval: 30_000,
    });
  }
  const single = { ...common, db: database, retryStrategy, enableOfflineQueue: false };
  if (target.kind === 'sentinel') {
    return new Redis({
      ...single,
      sentinels: [...target.nodes],
      name: target.master ?? '',
      sentinelRetryStrategy: retryStrategy,
      ...(tls !== undefined && { sentinelTLS: tls, enableTLSForSentinelMode: true }),
    });
  }
  const [node] = target.nodes;
  return new Redis({ ...single, host: node?.host ?? '127.0.0.1', port: node?.port ?? 6379 });
}
