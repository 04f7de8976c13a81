import closeWithGrace from 'close-with-grace';
import { buildApp } from './app.ts';
import { ConfigError, loadConfig, redacted } from './config.ts';
import { createLogger } from './logger.ts';

/** The process: configuration, logger, listen, drain. */
async function main(): Promise<void> {
  const config = loadConfig(process.env);
  const logger = createLogger(config.DETRAILS_LOG_LEVEL);
  logger.info({ config: redacted(config) }, 'starting');
  const app = await buildApp(config, { logger });

  closeWithGrace({ delay: config.DETRAILS_DRAIN_MS, logger }, async ({ err, signal }) => {
    if (err !== undefined) logger.fatal({ err }, 'uncaught error, draining');
    else logger.info({ signal }, 'draining');
    await app.close();
    logger.info('closed');
  });

  const address = await app.listen({ host: config.DETRAILS_HOST, port: config.DETRAILS_PORT });
  logger.info(`ready: POST ${address}/v1/enrich, docs at ${address}/docs, metrics at ${address}/metrics`);
}

main().catch((error: unknown) => {
  // Before there is a logger, and for whoever reads a terminal.
  process.stderr.write(
    `${error instanceof ConfigError ? error.message : String((error as Error).stack ?? error)}\n`,
  );
  process.exit(1);
});
