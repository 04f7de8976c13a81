import { z } from 'zod';
import { ProblemError } from '../errors.ts';

/** Query of `/v1/enrich`, as documented. */
export const enrichQuerySchema = z.strictObject({
  output: z
    .enum(['merge', 'enrichments'])
    .default('merge')
    .describe(
      '`merge`: the envelope as sent, every record with its enrichment appended; `enrichments`: only those',
    ),
  profile: z.enum(['standard', 'full']).default('standard').describe('How many fields'),
  ecs: z.enum(['true', 'false']).default('true').describe('Whether ECS `threat` is added'),
  explain: z.enum(['true', 'false']).default('false').describe('Adds how each verdict was reached'),
});

export type EnrichQuery = {
  readonly output: 'merge' | 'enrichments';
  readonly profile: 'standard' | 'full';
  readonly ecs: boolean;
  readonly explain: boolean;
};

/** Clients send one or two query strings over and over: each is understood once. */
const understood = new Map<string, EnrichQuery>();
const MAX_UNDERSTOOD = 256;

/**
 * The query of a request target such as `/v1/enrich?output=enrichments`.
 * @throws {ProblemError} invalid_query, naming the parameter but not its value
 */
export function readEnrichQuery(target: string): EnrichQuery {
  const start = target.indexOf('?');
  const text = start < 0 ? '' : target.slice(start + 1);
  const known = understood.get(text);
  if (known !== undefined) return known;
  const parsed = enrichQuerySchema.safeParse(Object.fromEntries(new URLSearchParams(text)));
  if (!parsed.success) throw invalidQuery(parsed.error);
  const { output, profile, ecs, explain } = parsed.data;
  const query = Object.freeze({ output, profile, ecs: ecs === 'true', explain: explain === 'true' });
  if (understood.size < MAX_UNDERSTOOD) understood.set(text, query);
  return query;
}

/** A problem that names the parameters at fault; their values stay out of logs. */
export function invalidQuery(error: z.ZodError): ProblemError {
  const known = Object.keys(enrichQuerySchema.shape).join(', ');
  const faults = error.issues.map((issue) =>
    issue.code === 'unrecognized_keys'
      ? `unknown parameter; known: ${known}`
      : `${issue.path.join('.')}: ${issue.message}`,
  );
  return new ProblemError('invalid_query', faults.join('; ').slice(0, 400));
}
