import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { type SessionEnrichment, sessionSchema } from '../../enrichment/output.ts';
import { ProblemError } from '../../errors.ts';
import { problemResponses } from '../problem-schema.ts';

export type SessionsRouteOptions = {
  /** Everything known of a temporary key, or undefined. */
  readonly read: (accessKeyId: string) => Promise<SessionEnrichment | undefined>;
};

/** `GET /v1/sessions/{access_key_id}`: origin, chain and sources of a temporary key. */
export async function sessionsRoute(app: FastifyInstance, options: SessionsRouteOptions): Promise<void> {
  app.withTypeProvider<ZodTypeProvider>().get(
    '/v1/sessions/:access_key_id',
    {
      schema: {
        operationId: 'getSession',
        summary: 'Origin, chain and sources of a temporary key',
        tags: ['sessions'],
        params: z.object({
          access_key_id: z
            .string()
            .regex(/^ASIA[A-Z0-9]{12,60}$/)
            .describe('Access key id of a temporary key (`ASIA…`)'),
        }),
        response: {
          200: sessionSchema.meta({ id: 'Session', description: 'The session, as in `detrails.session`' }),
          ...problemResponses(400, 401, 403, 404),
        },
      },
      serializerCompiler: () => (data) => JSON.stringify(data),
    },
    async (request) => {
      const session = await options.read(request.params.access_key_id);
      if (session === undefined) throw new ProblemError('not_found', 'nothing is known of this key');
      return session;
    },
  );
}
