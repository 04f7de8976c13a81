import { z } from 'zod';
import { detrailsSchema } from '../enrichment/output.ts';
import { enrichQuerySchema } from './enrich-query.ts';
import { problemResponses } from './problem-schema.ts';
import { JSON_TYPES, LINE_TYPES } from './raw-body.ts';

/**
 * What the OpenAPI document says of `/v1/enrich`. Bodies are read as bytes and answers are written as
 * bytes, so nothing here runs when a request comes.
 */

const EXAMPLE_RECORD = {
  eventVersion: '1.11',
  userIdentity: { type: 'IAMUser', accountId: '111122223333', userName: 'alice' },
  eventTime: '2026-03-04T10:20:30Z',
  eventSource: 'iam.amazonaws.com',
  eventName: 'CreateAccessKey',
  awsRegion: 'us-east-1',
  sourceIPAddress: '198.51.100.7',
  eventID: '5f3c7e1a-0000-4000-8000-000000000001',
  eventType: 'AwsApiCall',
};

const EXAMPLE_DETRAILS = {
  schema: '1',
  action: {
    iam: ['iam:CreateAccessKey'],
    access_level: 'Permissions management',
    resolved_by: 'name',
    outcome: 'success',
  },
};

const anyJson = z.unknown().meta({
  description:
    'One CloudTrail record, a log file `{"Records":[…]}`, an array, NDJSON, or one of the envelopes of EventBridge, CloudWatch Logs, SQS, SNS, Logstash, Filebeat and Elastic Agent; plain or compressed',
  examples: [EXAMPLE_RECORD, { Records: [EXAMPLE_RECORD] }],
});

const enrichment = z
  .looseObject({
    detrails: detrailsSchema.meta({ id: 'Detrails' }).optional(),
    threat: z
      .unknown()
      .optional()
      .describe('ECS threat, where techniques of medium confidence or more are known'),
  })
  .meta({ id: 'Enrichment', description: 'A record (or nothing else) with its enrichment' });

const list = z.object({ enrichments: z.array(enrichment).describe('Position i answers element i') });

const enriched = z.union([enrichment, list, z.array(z.unknown()), z.unknown()]).meta({
  description:
    '`output=merge`: the envelope that was sent, with `detrails` (and `threat`) appended to every record. `output=enrichments`: `{detrails, threat?}` for a single record, `{"enrichments":[…]}` for a list',
  examples: [{ ...EXAMPLE_RECORD, detrails: EXAMPLE_DETRAILS }],
});

/** Route schema per method; operation ids must differ. */
export function enrichSchema(method: 'POST' | 'PUT') {
  return {
    operationId: method === 'POST' ? 'enrichRecords' : 'enrichRecordsIdempotent',
    summary: 'Enrich one CloudTrail record or a batch',
    description:
      'Every record comes back byte for byte as it was sent, with its enrichment behind it. One bad record never harms its neighbors: it comes back unchanged with `detrails.error`. ' +
      'Counts are in the headers `detrails-records`, `detrails-errors` and `detrails-degraded`. The call is idempotent; `PUT` is for clients that retry only idempotent verbs.',
    tags: ['enrich'],
    querystring: enrichQuerySchema,
    consumes: [...JSON_TYPES, ...LINE_TYPES.slice(0, 1), 'application/gzip', 'application/octet-stream'],
    body: anyJson,
    response: {
      200: {
        description: 'Every record, enriched or with the reason why not',
        content: {
          'application/json': { schema: enriched },
          'application/x-ndjson': { schema: z.string().meta({ description: 'NDJSON in, NDJSON out' }) },
        },
      },
      ...problemResponses(400, 401, 403, 413, 415, 429, 503),
    },
  };
}
