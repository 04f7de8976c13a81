import Fastify from 'fastify';

/** The reference: a bare Fastify route that parses a body and serializes it again. */
const app = Fastify({ bodyLimit: 256 * 1024 * 1024, keepAliveTimeout: 120_000 });
app.post('/v1/enrich', async (request) => request.body);
app.get('/cpu', async () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
});
await app.listen({ host: '127.0.0.1', port: 0 });
process.send?.({ port: (app.server.address() as { port: number }).port });
// A profile is only written by a process that ends by itself.
process.once('SIGTERM', () => process.exit(0));
