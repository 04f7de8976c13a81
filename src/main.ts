import cluster from 'node:cluster';
import closeWithGrace from 'close-with-grace';
import { buildApp } from './app.ts';
import { ConfigError, loadConfig, redacted, workerCount } from './config.ts';
import { Drain, shutDown } from './http/drain.ts';
import { createLogger } from './logger.ts';
import { loadKnowledge } from './wiring/load-knowledge.ts';
import { warmUp } from './wiring/warm-up.ts';
import { shareMetrics } from './wiring/worker-metrics.ts';
import { runWorkers } from './workers.ts';

/** How long newcomers are still answered after a signal: a load balancer needs a moment to look elsewhere. */
const MAX_LINGER_MS = 2000;

/** The process: configuration, logger, listen, drain; or the primary of several. */
async function main(): Promise<void> {
  const config = loadConfig(process.env);
  const logger = createLogger(config.DETRAILS_LOG_LEVEL);
  if (cluster.isPrimary) logger.info({ config: redacted(config) }, 'starting');
  const count = workerCount(config);
  if (count > 1 && cluster.isPrimary) {
    runWorkers({ count, drainMs: config.DETRAILS_DRAIN_MS, logger });
    return;
  }
  // A terminal interrupts the whole group; a worker waits for the primary's word, or it would hear two.
  const skip = cluster.isWorker ? (['SIGINT', 'SIGHUP'] as const) : [];
  for (const signal of skip) process.on(signal, () => {});
  const drain = new Drain();
  const knowledge = loadKnowledge(config.DETRAILS_ATTACK_VERSION);
  const app = await buildApp(config, {
    logger,
    drain,
    knowledge,
    ...(cluster.isWorker && { shareMetrics }),
  });

  closeWithGrace({ delay: config.DETRAILS_DRAIN_MS, logger, skip: [...skip] }, async ({ err, signal }) => {
    if (err !== undefined) logger.fatal({ err }, 'uncaught error, draining');
    else logger.info({ signal }, 'draining');
    await shutDown(app, drain, Math.min(MAX_LINGER_MS, config.DETRAILS_DRAIN_MS / 4));
    logger.info('closed');
  });

  const address = await app.listen({ host: config.DETRAILS_HOST, port: config.DETRAILS_PORT });
  logger.info(`ready: POST ${address}/v1/enrich, docs at ${address}/docs, metrics at ${address}/metrics`);
  await warmUp(knowledge.policy);
}

main().catch((error: unknown) => {
  // Before there is a logger, and for whoever reads a terminal.
  process.stderr.write(
    `${error instanceof ConfigError ? error.message : String((error as Error).stack ?? error)}\n`,
  );
  process.exit(1);
});
