import type { IAMClient, IAMClientConfig } from '@aws-sdk/client-iam';
import type { PolicyReader, ReadOutcome } from './policy-reader.ts';
import type { KnownVersion, PolicyRef } from './port.ts';

/** The part of the SDK's answers and errors that is read here. */
type Credentials = NonNullable<IAMClientConfig['credentials']>;

export type AwsReaderOptions = {
  /**
   * The account the process's own credentials belong to. Without it the credentials say, where their
   * provider knows; where it does not, the own credentials are tried, or the role of the template.
   */
  readonly ownAccount?: string;
  /** ARN of the role to assume in other accounts, with `{account}`; without it, only the own one is read. */
  readonly roleArnTemplate?: string;
  /** Endpoints in place of AWS's, for tests and proxies. */
  readonly iamEndpoint?: string;
  readonly stsEndpoint?: string;
  /** Credentials in place of the SDK's default chain. */
  readonly credentials?: Credentials;
  /** The clock, in milliseconds. */
  readonly now: () => number;
  /** Longest wait for one call (default 5 s). */
  readonly timeoutMs?: number;
};

const SESSION_NAME = 'detrails-policy-resolver';
const MAX_ACCOUNTS = 500;
const DEFAULT_TIMEOUT_MS = 5000;

/**
 * Reads policies with `@aws-sdk/client-iam` (GetPolicy, GetPolicyVersion). The SDK is loaded here and
 * only here, when the resolver is switched on.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetPolicyVersion.html
 */
export async function createAwsReader(options: AwsReaderOptions): Promise<PolicyReader> {
  const sdk = await import('@aws-sdk/client-iam');
  const sts = await loadSts(options);
  const clients = new Map<string, IAMClient>();
  let ownAccount = options.ownAccount;

  async function read(ref: PolicyRef): Promise<ReadOutcome> {
    try {
      const client = await clientFor(ref);
      return client === undefined ? { outcome: 'foreign' } : await readPolicy(client, ref);
    } catch (error) {
      return { outcome: outcomeOfError(error) };
    }
  }

  async function readPolicy(client: IAMClient, ref: PolicyRef): Promise<ReadOutcome> {
    const { Policy } = await client.send(new sdk.GetPolicyCommand({ PolicyArn: ref.arn }));
    const defaultVersion = Policy?.DefaultVersionId;
    if (defaultVersion === undefined) return { outcome: 'garbage' };
    const versions: KnownVersion[] = [];
    for (const version of new Set([ref.version ?? defaultVersion, defaultVersion])) {
      const known = await readVersion(client, ref.arn, version);
      if (known === undefined) return { outcome: 'garbage' };
      versions.push(known);
    }
    const observedAt = new Date(options.now()).toISOString();
    return { outcome: 'read', policy: { arn: ref.arn, versions, defaultVersion, observedAt } };
  }

  async function readVersion(
    client: IAMClient,
    arn: string,
    version: string,
  ): Promise<KnownVersion | undefined> {
    const command = new sdk.GetPolicyVersionCommand({ PolicyArn: arn, VersionId: version });
    const { PolicyVersion } = await client.send(command);
    const { Document, CreateDate } = PolicyVersion ?? {};
    if (Document === undefined || CreateDate === undefined || Number.isNaN(CreateDate.getTime()))
      return undefined;
    return { version, document: Document, createdAt: CreateDate.toISOString() };
  }

  /** AWS's own policies are the same from anywhere; a customer's only from its account. */
  async function clientFor(ref: PolicyRef): Promise<IAMClient | undefined> {
    const isAwsManaged = ref.arn.includes(':iam::aws:policy/');
    ownAccount ??= isAwsManaged ? undefined : await sts.ownAccount();
    const hasTemplate = options.roleArnTemplate !== undefined;
    const isOwn = isAwsManaged || ref.account === ownAccount || (ownAccount === undefined && !hasTemplate);
    if (!isOwn && !hasTemplate) return undefined;
    const partition = ref.arn.split(':', 2)[1] ?? 'aws';
    const key = `${partition}|${isOwn ? '' : ref.account}`;
    const known = clients.get(key);
    if (known !== undefined) return known;
    if (clients.size >= MAX_ACCOUNTS) forgetOldest(clients);
    const roleArn = options.roleArnTemplate?.replaceAll('{account}', ref.account);
    const credentials = isOwn || roleArn === undefined ? options.credentials : sts.assuming(roleArn);
    const client = new sdk.IAMClient({
      region: REGIONS[partition] ?? 'us-east-1',
      maxAttempts: 1,
      requestHandler: { requestTimeout: options.timeoutMs ?? DEFAULT_TIMEOUT_MS },
      ...(options.iamEndpoint !== undefined && { endpoint: options.iamEndpoint }),
      ...(credentials !== undefined && { credentials }),
    });
    clients.set(key, client);
    return client;
  }

  function close(): void {
    for (const client of clients.values()) client.destroy();
    sts.close();
  }

  return { read, close };
}

/** The region IAM is asked in, by partition: IAM has one endpoint in each. */
const REGIONS: Readonly<Record<string, string>> = {
  aws: 'us-east-1',
  'aws-cn': 'cn-north-1',
  'aws-us-gov': 'us-gov-west-1',
};

/**
 * The STS client that ships inside the SDK for its own credential providers, so that no further package
 * is needed.
 */
async function loadSts(options: AwsReaderOptions): Promise<{
  ownAccount(): Promise<string | undefined>;
  assuming(roleArn: string): Credentials;
  close(): void;
}> {
  const sdk = await import('@aws-sdk/nested-clients/sts');
  const client = new sdk.STSClient({
    region: 'us-east-1',
    maxAttempts: 2,
    ...(options.stsEndpoint !== undefined && { endpoint: options.stsEndpoint }),
    ...(options.credentials !== undefined && { credentials: options.credentials }),
  });
  return {
    ownAccount: async () => (await client.config.credentials()).accountId,
    assuming: (roleArn) => async () => {
      const command = new sdk.AssumeRoleCommand({ RoleArn: roleArn, RoleSessionName: SESSION_NAME });
      const { Credentials } = await client.send(command);
      return {
        accessKeyId: Credentials?.AccessKeyId ?? '',
        secretAccessKey: Credentials?.SecretAccessKey ?? '',
        ...(Credentials?.SessionToken !== undefined && { sessionToken: Credentials.SessionToken }),
        ...(Credentials?.Expiration !== undefined && { expiration: Credentials.Expiration }),
      };
    },
    close: () => client.destroy(),
  };
}

/** What an SDK error means for the wish; its text, which may name resources, goes nowhere. */
export function outcomeOfError(error: unknown): Exclude<ReadOutcome['outcome'], 'read' | 'foreign'> {
  const name = readText(error, 'name') ?? '';
  if (/^NoSuchEntity/.test(name)) return 'gone';
  if (
    /^(?:AccessDenied|UnauthorizedOperation|InvalidClientTokenId|ExpiredToken|SignatureDoesNotMatch)/.test(
      name,
    )
  ) {
    return 'denied';
  }
  if (/Throttl|TooManyRequests|RequestLimitExceeded|ServiceFailure|Timeout|Unavailable/i.test(name))
    return 'busy';
  if (readText(error, 'code') !== undefined) return 'busy';
  const status = readStatus(error);
  if (status === undefined) return 'garbage';
  if (status === 429 || status >= 500) return 'busy';
  return status === 401 || status === 403 ? 'denied' : 'garbage';
}

function readText(error: unknown, key: 'name' | 'code'): string | undefined {
  const value = typeof error === 'object' && error !== null ? Reflect.get(error, key) : undefined;
  return typeof value === 'string' ? value : undefined;
}

function readStatus(error: unknown): number | undefined {
  const metadata = typeof error === 'object' && error !== null ? Reflect.get(error, '$metadata') : undefined;
  const status =
    typeof metadata === 'object' && metadata !== null ? Reflect.get(metadata, 'httpStatusCode') : undefined;
  return typeof status === 'number' ? status : undefined;
}

function forgetOldest(clients: Map<string, IAMClient>): void {
  for (const [key, client] of clients) {
    client.destroy();
    clients.delete(key);
    return;
  }
}
