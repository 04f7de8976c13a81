import { buildApp } from '../../src/app.ts';
import { loadConfig } from '../../src/config.ts';

/** The service, everything on, memory store, as the bench's second server. */
const { DETRAILS_BENCH_PROFILE: _profile, ...environment } = process.env;
const app = await buildApp(loadConfig({ ...environment, DETRAILS_LOG_LEVEL: 'silent' }));
app.get('/cpu', { schema: { hide: true } }, async () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
});
await app.listen({ host: '127.0.0.1', port: 0 });
process.send?.({ port: (app.server.address() as { port: number }).port });
// A profile is only written by a process that ends by itself.
process.once('SIGTERM', () => process.exit(0));
