import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod';

const DESCRIPTION =
  'Enriches AWS CloudTrail events: IAM action and access level, MITRE ATT&CK techniques, risk, policy analysis, AssumeRole origin, company context. Records go back byte for byte as they came, with the enrichment behind them.';

/** Describes the routes registered after this. Serves `/openapi.json` and its page at `/docs`. */
export async function describeApi(app: FastifyInstance, version: string): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.1',
      info: {
        title: 'detrails',
        description: DESCRIPTION,
        version,
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      servers: [{ url: '/', description: 'This service' }],
      tags: [
        { name: 'enrich', description: 'Enrichment of records' },
        { name: 'policies', description: 'Analysis of IAM policies' },
        { name: 'sessions', description: 'Origin of temporary keys' },
        { name: 'knowledge', description: 'What the service knows' },
      ],
      components: {
        securitySchemes: {
          bearer: { type: 'http', scheme: 'bearer', description: 'API key' },
          basic: { type: 'http', scheme: 'basic', description: 'API key as the password' },
        },
      },
      security: [{ bearer: [] }, { basic: [] }, {}],
    },
    transform: jsonSchemaTransform,
    transformObject: (document) => withoutUnused(jsonSchemaTransformObject(document)),
  });
  await app.register(swaggerUi, { routePrefix: '/docs', staticCSP: true });
  app.get('/openapi.json', { schema: { hide: true } }, async (_request, reply) =>
    reply.header('content-type', 'application/json').send(JSON.stringify(app.swagger())),
  );
}

type OpenApiDocument = { components?: { schemas?: Record<string, unknown> } };

/** Zod registers every named schema twice, as input and as output; those nobody refers to go. */
function withoutUnused<Document extends object>(document: Document): Document {
  const schemas = (document as OpenApiDocument).components?.schemas;
  if (schemas === undefined) return document;
  for (let found = true; found; ) {
    found = false;
    for (const name of Object.keys(schemas)) {
      if (JSON.stringify(document).includes(`"#/components/schemas/${name}"`)) continue;
      delete schemas[name];
      found = true;
    }
  }
  return document;
}
