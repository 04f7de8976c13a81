import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { ProblemError } from '../../errors.ts';
import { problemResponses } from '../problem-schema.ts';

export type ActionsRouteOptions = {
  /** Everything known of an operation, or undefined. */
  readonly describe: (service: string, name: string) => object | undefined;
};

/** `GET /v1/actions/{service}/{name}`: what is known of an operation. */
export async function actionsRoute(app: FastifyInstance, options: ActionsRouteOptions): Promise<void> {
  app.withTypeProvider<ZodTypeProvider>().get(
    '/v1/actions/:service/:name',
    {
      schema: {
        operationId: 'getAction',
        summary: 'What is known of an operation',
        description:
          'IAM actions, access level, risk and techniques of an operation, as `/v1/enrich` would answer when no condition on the record decides otherwise.',
        tags: ['knowledge'],
        params: z.object({
          service: z
            .string()
            .max(128)
            .describe('Event source (`iam.amazonaws.com`), its label, or an IAM prefix'),
          name: z.string().max(256).describe('Event name, with or without API date'),
        }),
        response: {
          200: z
            .looseObject({ service: z.string(), name: z.string() })
            .meta({ id: 'Action', description: 'What is known of the operation' }),
          ...problemResponses(400, 401, 403, 404),
        },
      },
    },
    async (request) => {
      const found = options.describe(request.params.service, request.params.name);
      if (found === undefined) throw new ProblemError('not_found', 'no such operation is known');
      return found as { service: string; name: string };
    },
  );
}
