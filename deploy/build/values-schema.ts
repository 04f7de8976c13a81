import { z } from 'zod';
import { OPTIONS, type OptionName } from '../../src/config.ts';

/** Options that the chart sets from values of its own. */
export const SET_BY_CHART: readonly OptionName[] = [
  'DETRAILS_HOST',
  'DETRAILS_PORT',
  'DETRAILS_METRICS_HOST',
  'DETRAILS_METRICS_PORT',
  'DETRAILS_AUTH',
  'DETRAILS_API_KEYS_FILE',
  'DETRAILS_TLS_CERT_FILE',
  'DETRAILS_TLS_KEY_FILE',
  'DETRAILS_TLS_CLIENT_CA_FILE',
  'DETRAILS_STORE_URL',
  'DETRAILS_STORE_URL_FILE',
  'DETRAILS_CONTEXT_FILE',
  // The image sets it.
  'DETRAILS_REVISION',
];

/** The chart's values.schema.json: Helm refuses values that do not fit, misspelled names among them. */
export function valuesSchema(): unknown {
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    ...closed({
      image: closed({
        repository: TEXT,
        tag: TEXT,
        digest: { type: 'string', pattern: '^(sha256:[0-9a-f]{64})?$' },
        pullPolicy: { enum: ['Always', 'IfNotPresent', 'Never'] },
      }),
      imagePullSecrets: LIST,
      replicas: { type: 'integer', minimum: 0 },
      config: configSchema(),
      extraEnv: LIST,
      nodeOptions: TEXT,
      auth: closed({ mode: { enum: ['keys', 'mtls', 'none'] }, existingSecret: TEXT, key: TEXT }),
      tls: closed({ existingSecret: TEXT }),
      store: closed({
        url: { type: 'string', pattern: '^((redis|rediss|valkey|valkeys)(-cluster|-sentinel)?://.+)?$' },
        existingSecret: TEXT,
        key: TEXT,
      }),
      valkey: closed({ enabled: FLAG, image: TEXT, maxMemory: TEXT, resources: ANY }),
      context: closed({ company: TEXT, existingConfigMap: TEXT }),
      metrics: closed({ port: PORT }),
      service: closed({
        type: { enum: ['ClusterIP', 'NodePort', 'LoadBalancer'] },
        port: PORT,
        annotations: TEXTS,
      }),
      serviceAccount: closed({ name: TEXT, annotations: TEXTS }),
      resources: ANY,
      autoscaling: closed({
        enabled: FLAG,
        minReplicas: { type: 'integer', minimum: 1 },
        maxReplicas: { type: 'integer', minimum: 1 },
        targetCPUUtilizationPercentage: { type: 'integer', minimum: 1, maximum: 100 },
      }),
      podDisruptionBudget: closed({ enabled: FLAG, maxUnavailable: { type: ['integer', 'string'] } }),
      networkPolicy: closed({ enabled: FLAG, clients: LIST, scrapers: LIST, egress: LIST }),
      serviceMonitor: closed({ enabled: FLAG, interval: TEXT, labels: TEXTS }),
      prometheusRule: closed({ enabled: FLAG, labels: TEXTS, runbookBase: TEXT }),
      grafanaDashboards: closed({ enabled: FLAG, labels: TEXTS }),
      podAnnotations: TEXTS,
      nodeSelector: TEXTS,
      tolerations: LIST,
      affinity: ANY,
      global: ANY,
    }),
  };
}

const TEXT = { type: 'string' };
const TEXTS = { type: 'object', additionalProperties: TEXT };
const FLAG = { type: 'boolean' };
const PORT = { type: 'integer', minimum: 1, maximum: 65535 };
const LIST = { type: 'array', items: { type: 'object' } };
const ANY = { type: 'object' };

function closed(properties: Readonly<Record<string, unknown>>): object {
  return { type: 'object', additionalProperties: false, properties };
}

/** Values are text, as in an environment: Helm would write a large number as 1.34217728e+08. */
function configSchema(): object {
  const properties: Record<string, unknown> = {};
  for (const [name, schema] of Object.entries(OPTIONS)) {
    if (SET_BY_CHART.includes(name as OptionName)) continue;
    const { description } = schema;
    properties[name] = { type: 'string', description, ...textOf(schema) };
  }
  return closed(properties);
}

/** What the text must look like: a choice, digits, or anything. */
function textOf(schema: z.ZodType): object {
  const json = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  if (Array.isArray(json.enum)) return { enum: json.enum };
  const output = z.toJSONSchema(schema, { io: 'output', unrepresentable: 'any' });
  return output.type === 'integer' ? { pattern: '^[0-9]+$' } : {};
}
