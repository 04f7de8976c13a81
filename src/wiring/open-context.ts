import type { FastifyBaseLogger } from 'fastify';
import type { Config } from '../config.ts';
import { type ContextSource, createContextSource } from '../context/context-source.ts';
import { sessionNetworkOptions } from '../context/session-networks.ts';
import type { PolicyContext } from '../enrichment/policy/context.ts';
import type { Snapshot } from '../enrichment/snapshot.ts';
import { Verdicts } from '../enrichment/verdicts.ts';
import type { Metrics } from '../metrics.ts';
import type { Knowledge } from './load-knowledge.ts';

/**
 * The company's context, hot-reloaded.
 * @throws {CompanyFileError} when the company file is bad at start; later a bad file keeps the old one
 */
export function openContext(
  config: Config,
  knowledge: Knowledge,
  metrics: Metrics,
  log: FastifyBaseLogger,
): Promise<ContextSource> {
  return createContextSource({
    file: config.DETRAILS_CONTEXT_FILE,
    mmdbFiles: config.DETRAILS_CONTEXT_MMDB_FILES?.split(','),
    ipRangesFile: config.DETRAILS_CONTEXT_IP_RANGES_FILE,
    torFile: config.DETRAILS_CONTEXT_TOR_FILE,
    vendorsEnabled: config.DETRAILS_CONTEXT_VENDORS,
    data: knowledge.context,
    onReload: ({ kind, ok }) => metrics.contextReloads.inc({ kind, result: ok ? 'ok' : 'failed' }),
    log,
  });
}

/** Gives the snapshot of now, to be pinned per batch; made anew only when the context changed. */
export function pinnedSnapshots(
  knowledge: Knowledge,
  policies: PolicyContext,
  source: ContextSource,
): () => Snapshot {
  const { actions, attack, risk } = knowledge;
  const verdicts = new Verdicts(knowledge);
  let snapshot: Snapshot | undefined;
  return () => {
    const context = source.current();
    if (snapshot?.context !== context) {
      const addresses = sessionNetworkOptions(context);
      snapshot = { actions, attack, risk, verdicts, policies, context, addresses };
    }
    return snapshot;
  };
}
