import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { policySchema } from '../../enrichment/output.ts';
import type { AnalyzeResult } from '../../enrichment/policy/analyze-request.ts';
import type { PolicyImport } from '../../enrichment/policy/import.ts';
import type { PolicyKnown, PolicyQuery } from '../../enrichment/policy/read-policy.ts';
import { ProblemError } from '../../errors.ts';
import type { Contribution } from '../../store/port.ts';
import type { Admission } from '../admission.ts';
import { admitByBytes } from '../admit-by-bytes.ts';
import { problemResponses } from '../problem-schema.ts';

export type PoliciesRouteOptions = {
  readonly analyze: (body: unknown) => AnalyzeResult;
  readonly read: (query: PolicyQuery) => Promise<PolicyKnown | undefined>;
  /** A new import; what it teaches goes through {@link PoliciesRouteOptions.store}. */
  readonly startImport: () => PolicyImport;
  readonly store: (contributions: readonly Contribution[]) => Promise<void>;
  readonly admission: Admission;
  /** Most bytes of a request for analysis. */
  readonly maxAnalyzeBytes: number;
  /** Most bytes of an import; it is streamed, so memory does not grow with it. */
  readonly maxImportBytes: number;
};

const analyzeBody = z
  .looseObject({
    document: z.unknown().describe('The policy: object, JSON text or URL-encoded JSON text'),
    kind: z
      .enum(['identity', 'trust', 'resource', 'session', 'boundary', 'organization'])
      .optional()
      .describe('Kind of policy; inferred when absent'),
    previous: z.unknown().optional().describe('The version before, to compare with'),
    account_id: z.string().optional().describe("The policy's own account: tells own from foreign principals"),
  })
  .meta({
    id: 'AnalyzeRequest',
    description: 'A policy to analyze',
    examples: [
      { document: { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] } },
    ],
  });

const imported = z
  .looseObject({ policies: z.int(), versions: z.int(), skipped: z.int() })
  .meta({ id: 'ImportCounts', description: 'What was taken from the file, and what was not' });

/** `/v1/policies…`: analyze a document, read what is cached, import an account's policies. */
export async function policiesRoute(app: FastifyInstance, options: PoliciesRouteOptions): Promise<void> {
  const routes = app.withTypeProvider<ZodTypeProvider>();

  routes.post(
    '/v1/policies/analyze',
    {
      bodyLimit: options.maxAnalyzeBytes,
      onRequest: admitByBytes(options.admission, options.maxAnalyzeBytes),
      schema: {
        operationId: 'analyzePolicy',
        summary: 'Analyze a policy document',
        description:
          'Identity, trust, resource, session or boundary policy; with `previous`, what it adds to the version before.',
        tags: ['policies'],
        body: analyzeBody,
        response: {
          200: policySchema.meta({ id: 'Policy', description: 'The analysis, as in `detrails.policy`' }),
          ...problemResponses(400, 401, 403, 413, 415, 422),
        },
      },
      // The pure function behind the route judges the body itself, with reasons of its own.
      validatorCompiler: () => () => true,
      serializerCompiler: () => (data) => JSON.stringify(data),
    },
    async (request) => {
      const result = options.analyze(request.body);
      if (result.status === 'answered') return result.answer;
      throw new ProblemError('not_a_policy', [result.refusal, result.detail].filter(Boolean).join(': '));
    },
  );

  routes.get(
    '/v1/policies',
    {
      schema: {
        operationId: 'getPolicy',
        summary: 'What is cached for a policy',
        description:
          'Analysis of a version (the default one when none is named), with the history that is remembered.',
        tags: ['policies'],
        querystring: z.strictObject({
          arn: z.string().min(1).max(2048).describe('ARN of the policy'),
          version: z.string().min(1).max(32).optional().describe('Version id, such as `v3`'),
        }),
        response: {
          200: z
            .looseObject({ arn: z.string() })
            .meta({ id: 'KnownPolicy', description: 'What is known of the policy' }),
          ...problemResponses(400, 401, 403, 404),
        },
      },
    },
    async (request) => {
      const { arn, version } = request.query;
      const known = await options.read(version === undefined ? { arn } : { arn, version });
      if (known === undefined) throw new ProblemError('not_found', 'nothing is known of this policy');
      return known;
    },
  );

  await app.register(async (scope) => importRoute(scope, options));
}

/** The import reads its body as a stream, so it has parsers of its own. */
async function importRoute(app: FastifyInstance, options: PoliciesRouteOptions): Promise<void> {
  app.removeAllContentTypeParsers();
  for (const type of ['application/json', 'application/octet-stream', 'text/plain']) {
    app.addContentTypeParser(type, { bodyLimit: options.maxImportBytes }, (_request, payload, done) =>
      done(null, payload),
    );
  }
  app.post(
    '/v1/policies/import',
    {
      bodyLimit: options.maxImportBytes,
      schema: {
        operationId: 'importPolicies',
        summary: 'Load the policies of an account',
        description:
          'The output of `aws iam get-account-authorization-details`, read as it arrives: warms the policy cache and attachments.',
        tags: ['policies'],
        body: z
          .unknown()
          .meta({ description: 'Output of get-account-authorization-details', examples: [{ Policies: [] }] }),
        response: { 200: imported, ...problemResponses(400, 401, 403, 413, 415, 422) },
      },
      validatorCompiler: () => () => true,
      serializerCompiler: () => (data) => JSON.stringify(data),
    },
    async (request) => {
      const reading = options.startImport();
      let received = 0;
      for await (const chunk of request.body as AsyncIterable<Buffer>) {
        received += chunk.length;
        if (received > options.maxImportBytes) throw new ProblemError('too_large');
        const contributions = reading.write(chunk);
        if (contributions.length > 0) await options.store(contributions);
      }
      const { counts, problem } = reading.end();
      if (problem === undefined) return counts;
      throw new ProblemError('not_an_import', problem);
    },
  );
}
