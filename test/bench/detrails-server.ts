import { buildApp } from '../../src/app.ts';
import { loadConfig } from '../../src/config.ts';
import { createLogger } from '../../src/logger.ts';

/**
 * The service, everything on, memory store, as the bench's second server. It logs as it does in
 * production; whoever starts it throws the lines away.
 */
const { DETRAILS_BENCH_PROFILE: _profile, ...environment } = process.env;
const config = loadConfig(environment);
const app = await buildApp(config, { logger: createLogger(config.DETRAILS_LOG_LEVEL) });
app.get('/cpu', { schema: { hide: true } }, async () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
});
await app.listen({ host: '127.0.0.1', port: 0 });
process.send?.({ port: (app.server.address() as { port: number }).port });
// A profile is only written by a process that ends by itself.
process.once('SIGTERM', () => process.exit(0));
