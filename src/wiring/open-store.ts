import { readFileSync } from 'node:fs';
import type { FastifyBaseLogger } from 'fastify';
import { type Config, ConfigError } from '../config.ts';
import type { Metrics } from '../metrics.ts';
import { type ConfiguredStore, createStore } from '../store/create-store.ts';
import { parseStoreUrl } from '../store/store-url.ts';

/**
 * The store the configuration names, with what it tells turned into metrics and log lines.
 *
 * @param monotonic milliseconds, for times to live and durations
 * @throws {ConfigError} for a URL that cannot be read
 */
export function openStore(
  config: Config,
  metrics: Metrics,
  log: FastifyBaseLogger,
  monotonic: () => number,
): ConfiguredStore {
  const target = parseStoreUrl(storeUrl(config));
  if ('fault' in target) throw new ConfigError([`DETRAILS_STORE_URL: ${target.fault}`]);
  return createStore({
    target,
    timeoutMs: config.DETRAILS_STORE_TIMEOUT_MS,
    memoryMaxBytes: config.DETRAILS_MEMORY_MAX_BYTES,
    // A wall clock that is set would end every record's time to live at once, or none.
    now: monotonic,
    events: {
      exchanged: (op, seconds, ok) => {
        metrics.storeDuration.observe({ op }, seconds);
        if (!ok) metrics.storeErrors.inc({ op });
      },
      breakerChanged: (state) => {
        metrics.storeBreakerOpen.set(state === 'closed' ? 0 : 1);
        log.warn({ state }, 'circuit breaker of the shared store');
      },
      upChanged: (up) => {
        metrics.storeUp.set(up ? 1 : 0);
        log[up ? 'info' : 'warn']({ up }, 'shared store');
      },
      evicted: () => metrics.cacheEvictions.inc({ cache: 'records' }),
    },
  });
}

function storeUrl(config: Config): string {
  const file = config.DETRAILS_STORE_URL_FILE;
  return file === undefined ? config.DETRAILS_STORE_URL : readFileSync(file, 'utf8').trim();
}
