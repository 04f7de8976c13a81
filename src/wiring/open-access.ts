import type { FastifyBaseLogger } from 'fastify';
import { type Config, ConfigError, isLoopback } from '../config.ts';
import { watchForChanges } from '../context/change-watcher.ts';
import { WatchedFile } from '../context/watched-file.ts';
import { KeyRing } from '../http/access/key-ring.ts';
import { type ApiKey, parseKeyFile } from '../http/access/parse-key-file.ts';
import type { Access } from '../http/access/require-access.ts';
import type { Metrics } from '../metrics.ts';

/** Who is let in, and how to stop looking at the key file. */
export type OpenAccess = { readonly access: Access; readonly close: () => void };

/** 1,000 keys with long names and comments need a quarter of it. */
const MAX_BYTES = 1024 * 1024;
/** A change is noticed at once where the file system tells of it; this is for where it does not. */
const POLL_MS = 5000;

/**
 * Who may call, as configured: undefined when everybody may. Keys follow their file; a bad file keeps the
 * keys of before.
 * @throws {ConfigError} with every fault of the key file, at start
 */
export async function openAccess(
  config: Config,
  metrics: Metrics,
  log: FastifyBaseLogger,
): Promise<OpenAccess | undefined> {
  const { DETRAILS_AUTH: auth, DETRAILS_API_KEYS_FILE: path } = config;
  if (auth === undefined || auth === 'none') return undefined;
  const watched = auth === 'keys' && path !== undefined ? await openKeys(path, metrics, log) : undefined;
  return {
    access: {
      keys: watched?.keys,
      certificates: config.DETRAILS_TLS_CLIENT_CA_FILE !== undefined,
      metricsOpen: isLoopback(config.DETRAILS_HOST),
      refused: (reason) => metrics.accessRefused.inc({ reason }),
    },
    close: () => watched?.close(),
  };
}

async function openKeys(
  path: string,
  metrics: Metrics,
  log: FastifyBaseLogger,
): Promise<{ readonly keys: KeyRing; readonly close: () => void }> {
  const keys = new KeyRing();
  const file = new WatchedFile<readonly ApiKey[]>(path, MAX_BYTES, (bytes) => {
    const { keys: parsed, faults } = parseKeyFile(bytes.toString('utf8'));
    if (faults.length === 0) return { ok: true, value: parsed };
    return { ok: false, faults: faults.map((fault) => ({ ...fault, path: '' })) };
  });
  const first = await file.look();
  if (first.status === 'bad') {
    throw new ConfigError(
      first.faults.map(({ line, message }) => `DETRAILS_API_KEYS_FILE line ${line}: ${message}`),
    );
  }
  keys.replace(file.value ?? []);

  async function look(): Promise<void> {
    const seen = await file.look();
    if (seen.status === 'same') return;
    const isBad = seen.status === 'bad';
    metrics.accessReloads.inc({ kind: 'api_keys', result: isBad ? 'failed' : 'ok' });
    if (isBad) {
      log.error({ faults: seen.faults }, 'the file of API keys is bad; those of before stay');
      return;
    }
    keys.replace(file.value ?? []);
    log.info({ keys: keys.size }, 'API keys reloaded');
  }
  return { keys, close: watchForChanges([path], POLL_MS, oneAtATime(look)) };
}

/** Runs `work` again after it is done if it was asked for meanwhile, never twice at once. */
export function oneAtATime(work: () => Promise<void>): () => void {
  let state: 'idle' | 'busy' | 'again' = 'idle';
  return function run(): void {
    if (state !== 'idle') {
      state = 'again';
      return;
    }
    state = 'busy';
    void work().finally(() => {
      const again = state === 'again';
      state = 'idle';
      if (again) run();
    });
  };
}
