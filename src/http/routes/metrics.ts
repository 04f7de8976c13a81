import type { FastifyInstance } from 'fastify';

export type MetricsRouteOptions = {
  /** The exposition text and its content type. */
  readonly expose: () => Promise<{ readonly contentType: string; readonly text: string }>;
};

/** `GET /metrics` for Prometheus. */
export async function metricsRoute(app: FastifyInstance, options: MetricsRouteOptions): Promise<void> {
  app.get('/metrics', { schema: { hide: true }, logLevel: 'silent' }, async (_request, reply) => {
    const { contentType, text } = await options.expose();
    return reply.header('content-type', contentType).send(text);
  });
}
