import { availableParallelism } from 'node:os';
import { z } from 'zod';

/**
 * Configuration: environment variables named `DETRAILS_*`, read once, validated as a whole, frozen.
 * The README's table is checked against {@link OPTIONS}.
 */

const MEBIBYTE = 1024 * 1024;

const bytes = (fallback: number, description: string) =>
  z.coerce.number().int().positive().max(Number.MAX_SAFE_INTEGER).default(fallback).describe(description);
const count = (fallback: number, description: string) =>
  z.coerce
    .number()
    .int()
    .nonnegative()
    .max(2 ** 31 - 1)
    .default(fallback)
    .describe(description);
const milliseconds = (fallback: number, description: string) =>
  z.coerce
    .number()
    .int()
    .nonnegative()
    .max(2 ** 31 - 1)
    .default(fallback)
    .describe(description);
const path = (description: string) => z.string().min(1).optional().describe(description);
const flag = (fallback: boolean, description: string) =>
  z
    .enum(['true', 'false'])
    .default(fallback ? 'true' : 'false')
    .transform((text) => text === 'true')
    .describe(description);

/** Every option, in the order the README lists them. */
export const OPTIONS = {
  DETRAILS_HOST: z
    .string()
    .min(1)
    .default('127.0.0.1')
    .describe('Address to listen on; the image sets 0.0.0.0'),
  DETRAILS_PORT: z.coerce
    .number()
    .int()
    .min(0)
    .max(65535)
    .default(8080)
    .describe('Port to listen on; 0 picks a free one'),
  DETRAILS_LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
    .default('info')
    .describe(
      'Least severe level that is logged; lines milder than `warn` may come a tenth of a second late, together',
    ),
  DETRAILS_AUTH: z
    .enum(['keys', 'mtls', 'none'])
    .optional()
    .describe(
      'Who may call: holders of keys, of client certificates, or anybody. Unset is allowed on loopback only',
    ),
  DETRAILS_API_KEYS_FILE: path('API keys, one `name:scopes:sha256-hex` per line; reloaded on change'),
  DETRAILS_TLS_CERT_FILE: path('Certificate chain (PEM) to serve TLS with; reloaded on change'),
  DETRAILS_TLS_KEY_FILE: path('Private key (PEM) of that certificate; reloaded on change'),
  DETRAILS_TLS_CLIENT_CA_FILE: path(
    'Authorities (PEM) of client certificates: with DETRAILS_AUTH=mtls they let in, with keys both are needed; reloaded on change',
  ),
  DETRAILS_STORE_URL: z
    .string()
    .default('')
    .describe(
      'Shared state: redis://, rediss://, valkey://, redis-cluster://h1,h2, redis-sentinel://h1,h2/master; empty means memory',
    ),
  DETRAILS_STORE_URL_FILE: path('File that holds the store URL, for URLs with a password'),
  DETRAILS_STORE_TIMEOUT_MS: milliseconds(
    25,
    'How long a batch waits for the shared store before it goes on without; a millisecond more per key',
  ),
  DETRAILS_MEMORY_MAX_BYTES: bytes(256 * MEBIBYTE, 'Bound of the state kept in memory'),
  DETRAILS_POLICY_RESOLVER: z
    .enum(['none', 'aws'])
    .default('none')
    .describe('Whether missing policy versions are read from IAM'),
  DETRAILS_POLICY_RESOLVER_ACCOUNT: z
    .string()
    .regex(/^\d{12}$/)
    .optional()
    .describe('Account the resolver reads with its own credentials'),
  DETRAILS_POLICY_RESOLVER_ROLE: z
    .string()
    .includes('{account}')
    .optional()
    .describe('Role ARN with {account}, assumed to read policies of other accounts'),
  DETRAILS_POLICY_RESOLVER_ENDPOINT: z.url().optional().describe("IAM endpoint, where it is not AWS's own"),
  DETRAILS_CONTEXT_FILE: path(
    'Company file (YAML or JSON): accounts, networks, principals, vendors; reloaded on change',
  ),
  DETRAILS_CONTEXT_MMDB_FILES: path(
    'MaxMind databases (country, ASN), separated by commas; reloaded on change',
  ),
  DETRAILS_CONTEXT_IP_RANGES_FILE: path("AWS's published ip-ranges.json; reloaded on change"),
  DETRAILS_CONTEXT_TOR_FILE: path('Tor exit addresses, one per line; reloaded on change'),
  DETRAILS_CONTEXT_VENDORS: flag(true, 'Whether the bundled list of known vendor accounts is used'),
  DETRAILS_WORKERS: z
    .union([z.literal('auto'), z.coerce.number().int().min(1).max(256)])
    .default(1)
    .describe('Processes on one port; more than one needs a shared store'),
  DETRAILS_WORKERS_ALLOW_MEMORY: flag(
    false,
    'Allow several workers without a shared store: each knows only its part',
  ),
  DETRAILS_MAX_BODY_BYTES: bytes(64 * MEBIBYTE, 'Largest body as received'),
  DETRAILS_MAX_DECOMPRESSED_BYTES: bytes(256 * MEBIBYTE, 'Largest body after decompression'),
  DETRAILS_MAX_DECOMPRESSION_RATIO: count(200, 'Largest ratio of decompressed to received bytes'),
  DETRAILS_MAX_RECORDS: count(100_000, 'Most records in a request'),
  DETRAILS_MAX_DEPTH: count(100, 'Deepest nesting inside a record; deeper is left as it is'),
  DETRAILS_MAX_ENVELOPE_DEPTH: count(8, 'Deepest nesting of envelopes'),
  DETRAILS_MAX_POLICY_BYTES: bytes(128 * 1024, 'Largest policy document that is analyzed'),
  DETRAILS_MAX_HEADER_BYTES: bytes(16 * 1024, 'Largest request header'),
  DETRAILS_MAX_CONNECTIONS: count(4096, 'Most open connections; one more is closed at once'),
  DETRAILS_ADMISSION_BYTES: bytes(512 * MEBIBYTE, 'Bytes of bodies in work at once; more wait'),
  DETRAILS_ADMISSION_WAIT_MS: milliseconds(
    30_000,
    'How long a request waits for admission before it gets 503',
  ),
  DETRAILS_RATE_LIMIT_PER_MINUTE: count(
    0,
    'Requests per key (or certificate, or address) and minute in each process; 0 means no limit',
  ),
  DETRAILS_KEEP_ALIVE_MS: milliseconds(
    120_000,
    "How long an idle connection is kept; longer than any client's",
  ),
  DETRAILS_HEADERS_TIMEOUT_MS: milliseconds(20_000, 'How long a request may take to send its headers'),
  DETRAILS_REQUEST_TIMEOUT_MS: milliseconds(120_000, 'How long a request may take to arrive'),
  DETRAILS_DRAIN_MS: milliseconds(20_000, 'How long a shutdown waits for requests in work'),
  DETRAILS_METRICS_PORT: z.coerce
    .number()
    .int()
    .min(0)
    .max(65535)
    .optional()
    .describe('A port of its own for /metrics; unset serves it on the main port'),
  DETRAILS_METRICS_HOST: z.string().min(1).default('127.0.0.1').describe('Address of that port'),
  DETRAILS_REVISION: z
    .string()
    .max(64)
    .default('unknown')
    .describe('Revision shown in detrails_build_info; the image sets it'),
  DETRAILS_ATTACK_VERSION: z
    .enum(['19.1', '18.1'])
    .default('19.1')
    .describe('ATT&CK release the output speaks'),
} as const satisfies Record<`DETRAILS_${string}`, z.ZodType>;

export type OptionName = keyof typeof OPTIONS;
/** The whole configuration, by the names of the environment. */
export type Config = { readonly [Name in OptionName]: z.infer<(typeof OPTIONS)[Name]> };

/** Thrown with every fault at once. */
export class ConfigError extends Error {
  readonly faults: readonly string[];
  constructor(faults: readonly string[]) {
    super(`configuration is not usable:\n${faults.map((fault) => `  ${fault}`).join('\n')}`);
    this.name = 'ConfigError';
    this.faults = faults;
  }
}

/**
 * What Kubernetes injects for a Service called `detrails`: exactly these are ignored.
 * @see https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables
 */
const INJECTED =
  /^DETRAILS_(SERVICE_HOST|SERVICE_PORT(_[A-Z0-9_]+)?|PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)$/;
const INJECTED_PORT = /^(tcp|udp|sctp):\/\//;

/**
 * Reads the configuration from an environment.
 * @throws {ConfigError} naming every fault
 */
export function loadConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const given = ownVariables(env);
  const faults: string[] = [];
  for (const name of Object.keys(given)) {
    if (!Object.hasOwn(OPTIONS, name)) faults.push(`${name} is not an option`);
  }
  const config: Record<string, unknown> = {};
  for (const [name, schema] of Object.entries(OPTIONS)) {
    const parsed = schema.safeParse(given[name]);
    if (parsed.success) config[name] = parsed.data;
    else faults.push(...parsed.error.issues.map((issue) => `${name}: ${issue.message}`));
  }
  if (faults.length === 0) faults.push(...contradictions(config as Config));
  if (faults.length > 0) throw new ConfigError(faults);
  return Object.freeze(config) as Config;
}

/** The configuration as it may be printed: credentials inside URLs are gone. */
export function redacted(config: Config): Readonly<Record<string, unknown>> {
  const shown: Record<string, unknown> = { ...config };
  if (config.DETRAILS_STORE_URL !== '') {
    // To the last @: a password may hold one, or a slash, as it stands.
    shown['DETRAILS_STORE_URL'] = config.DETRAILS_STORE_URL.replace(/\/\/.*@/s, '//***@');
  }
  return shown;
}

function ownVariables(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const own: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    if (!name.startsWith('DETRAILS_') || value === undefined || value === '') continue;
    if (INJECTED.test(name) || (name === 'DETRAILS_PORT' && INJECTED_PORT.test(value))) continue;
    own[name] = value;
  }
  return own;
}

/** Options that do not go together. */
function contradictions(config: Config): string[] {
  const faults: string[] = [];
  const has = (name: OptionName): boolean => config[name] !== undefined && config[name] !== '';
  if (config.DETRAILS_AUTH === 'keys' && !has('DETRAILS_API_KEYS_FILE')) {
    faults.push('DETRAILS_AUTH=keys needs DETRAILS_API_KEYS_FILE');
  }
  if (config.DETRAILS_AUTH === 'mtls' && !has('DETRAILS_TLS_CLIENT_CA_FILE')) {
    faults.push('DETRAILS_AUTH=mtls needs DETRAILS_TLS_CLIENT_CA_FILE');
  }
  if (has('DETRAILS_TLS_CERT_FILE') !== has('DETRAILS_TLS_KEY_FILE')) {
    faults.push('DETRAILS_TLS_CERT_FILE and DETRAILS_TLS_KEY_FILE go together');
  }
  if (has('DETRAILS_TLS_CLIENT_CA_FILE') && !has('DETRAILS_TLS_CERT_FILE')) {
    faults.push('DETRAILS_TLS_CLIENT_CA_FILE needs DETRAILS_TLS_CERT_FILE');
  }
  if (has('DETRAILS_API_KEYS_FILE') && config.DETRAILS_AUTH !== 'keys') {
    faults.push('DETRAILS_API_KEYS_FILE means nothing without DETRAILS_AUTH=keys');
  }
  if (has('DETRAILS_TLS_CLIENT_CA_FILE') && !['keys', 'mtls'].includes(config.DETRAILS_AUTH ?? '')) {
    faults.push('DETRAILS_TLS_CLIENT_CA_FILE means nothing without DETRAILS_AUTH=mtls, or keys to need both');
  }
  if (has('DETRAILS_TLS_CERT_FILE') && config.DETRAILS_HOST === 'localhost') {
    faults.push('DETRAILS_HOST=localhost may be two addresses: with TLS, name one');
  }
  if (has('DETRAILS_STORE_URL') && has('DETRAILS_STORE_URL_FILE')) {
    faults.push('DETRAILS_STORE_URL and DETRAILS_STORE_URL_FILE exclude each other');
  }
  if (config.DETRAILS_MAX_BODY_BYTES > config.DETRAILS_ADMISSION_BYTES) {
    faults.push('DETRAILS_ADMISSION_BYTES must hold at least one body of DETRAILS_MAX_BODY_BYTES');
  }
  const isShared = has('DETRAILS_STORE_URL') || has('DETRAILS_STORE_URL_FILE');
  if (workerCount(config) > 1 && !isShared && !config.DETRAILS_WORKERS_ALLOW_MEMORY) {
    faults.push(
      `DETRAILS_WORKERS=${config.DETRAILS_WORKERS} needs DETRAILS_STORE_URL: without it each worker knows only its part; DETRAILS_WORKERS_ALLOW_MEMORY=true allows that`,
    );
  }
  if (config.DETRAILS_AUTH === undefined && !isLoopback(config.DETRAILS_HOST)) {
    faults.push(
      `DETRAILS_HOST=${config.DETRAILS_HOST} is open to others: set DETRAILS_AUTH to keys or mtls, or say DETRAILS_AUTH=none aloud`,
    );
  }
  return faults;
}

/** How many processes serve; `auto` is one per core that this process may use. */
export function workerCount({ DETRAILS_WORKERS: workers }: Config): number {
  return workers === 'auto' ? availableParallelism() : workers;
}

/** True for addresses that only this machine reaches. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host);
}
