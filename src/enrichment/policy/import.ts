import { parsedObject } from '../../cloudtrail/event.ts';
import { type JsonObject, readArray, readMember, readString } from '../../cloudtrail/json.ts';
import type { KnownVersion } from '../../resolver/port.ts';
import { canonicalTime } from '../../sessions/event-time.ts';
import type { Contribution } from '../../store/port.ts';
import type { PolicyContext } from './context.ts';
import { createDetailScanner } from './detail-scanner.ts';
import { knownPolicyContributions } from './known-policy.ts';
import { carriedLifeKey, documentOperation, lifeContribution } from './life-record.ts';
import { AWS_ACCOUNT, accountOfArn, parseManagedArn } from './policy-arn.ts';
import type { LifeKind } from './subject.ts';

/** What an import found and took; the body of the answer to `POST /v1/policies/import`. */
export type ImportCounts = {
  readonly policies: number;
  readonly versions: number;
  readonly inline_policies: number;
  readonly trust_policies: number;
  readonly attachments: number;
  /** AWS-managed policies: known from the bundle, never taken from a client. */
  readonly aws_managed: number;
  /** Details without an ARN, a document or a time, or longer than the bound. */
  readonly skipped: number;
};

/** A streaming import: feed it chunks, exchange what it returns, ask for the counts at the end. */
export interface PolicyImport {
  /** What the details that end in this chunk teach; bounded by the chunk's own size. */
  write(chunk: Uint8Array): readonly Contribution[];
  /** The counts, or why the text was not what it should be. */
  end(): { readonly counts: ImportCounts; readonly problem?: 'not_json' | 'no_account_details' };
}

/** Longest detail of one user, role, group or policy, in bytes. */
const MAX_DETAIL_BYTES = 2 * 1024 * 1024;

/**
 * Reads the output of `aws iam get-account-authorization-details` as it arrives: one detail at a time is
 * held, whatever the size of the file. `observedAt` is when it was made, or received: inline and trust
 * policies carry no time of their own.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html
 */
export function createPolicyImport(context: PolicyContext, observedAt: string): PolicyImport {
  const counts = {
    policies: 0,
    versions: 0,
    inline_policies: 0,
    trust_policies: 0,
    attachments: 0,
    aws_managed: 0,
    skipped: 0,
  };
  const time = canonicalTime(observedAt);
  let contributions: Contribution[] = [];
  let details = 0;

  const scanner = createDetailScanner((list, text) => {
    const reader = READERS.get(list);
    if (reader === undefined) return;
    details += 1;
    const detail = parsedObject(text);
    if (detail === undefined) counts.skipped += 1;
    else reader(detail);
  }, MAX_DETAIL_BYTES);

  const READERS: ReadonlyMap<string, (detail: JsonObject) => void> = new Map([
    ['Policies', readManaged],
    ['UserDetailList', (detail: JsonObject) => readPrincipal(detail, 'user', 'User')],
    ['GroupDetailList', (detail: JsonObject) => readPrincipal(detail, 'group', 'Group')],
    ['RoleDetailList', readRole],
  ]);

  function readManaged(detail: JsonObject): void {
    const arn = readString(detail, 'Arn') ?? '';
    const parsed = parseManagedArn(arn);
    if (parsed?.account === AWS_ACCOUNT) {
      counts.aws_managed += 1;
      return;
    }
    const versions = readVersions(detail);
    const defaultVersion = readString(detail, 'DefaultVersionId') ?? '';
    const policy = { arn, versions, defaultVersion, observedAt };
    const taken =
      parsed === undefined || versions.length === 0
        ? []
        : knownPolicyContributions(policy, 'import', context);
    if (taken.length === 0) {
      counts.skipped += 1;
      return;
    }
    counts.policies += 1;
    counts.versions += versions.length;
    contributions.push(...taken);
  }

  function readRole(detail: JsonObject): void {
    readPrincipal(detail, 'role', 'Role');
    const owner = ownerArn(detail, 'role', 'Role');
    const document = readMember(detail, 'AssumeRolePolicyDocument');
    if (owner === undefined || document === undefined) return;
    if (take('trust', owner, '', document)) counts.trust_policies += 1;
  }

  function readPrincipal(detail: JsonObject, kind: string, prefix: string): void {
    const owner = ownerArn(detail, kind, prefix);
    if (owner === undefined) {
      counts.skipped += 1;
      return;
    }
    counts.attachments += readArray(detail, 'AttachedManagedPolicies')?.length ?? 0;
    for (const inline of readArray(detail, `${prefix}PolicyList`) ?? []) {
      const name = readString(inline, 'PolicyName');
      const document = readMember(inline, 'PolicyDocument');
      const isTaken = name !== undefined && document !== undefined && take('inline', owner, name, document);
      if (isTaken) counts.inline_policies += 1;
      else counts.skipped += 1;
    }
  }

  function take(life: Exclude<LifeKind, 'managed'>, owner: string, name: string, document: unknown): boolean {
    const account = accountOfArn(owner);
    const key = account === undefined ? undefined : carriedLifeKey(life, account, owner, name);
    if (key === undefined || time === undefined) return false;
    const kind = life === 'trust' ? 'trust' : 'identity';
    const { analysis, hash } = context.analyze(document, kind, account);
    contributions.push(
      context.remember(context.analysisKey(hash, kind, account), analysis),
      lifeContribution(key, [documentOperation({ time, version: '', document: hash, eventId: 'import' })]),
    );
    return true;
  }

  return {
    write(chunk) {
      contributions = [];
      scanner.write(chunk);
      return contributions;
    },
    end() {
      const total = { ...counts, skipped: counts.skipped + scanner.skipped };
      if (!scanner.isWhole()) return { counts: total, problem: 'not_json' };
      return details + scanner.skipped === 0
        ? { counts: total, problem: 'no_account_details' }
        : { counts: total };
    },
  };
}

function readVersions(detail: JsonObject): KnownVersion[] {
  const versions: KnownVersion[] = [];
  for (const item of readArray(detail, 'PolicyVersionList') ?? []) {
    const version = readString(item, 'VersionId');
    const document = readMember(item, 'Document');
    const createdAt = readString(item, 'CreateDate');
    if (version === undefined || document === undefined || createdAt === undefined) continue;
    versions.push({ version, document, createdAt });
  }
  return versions;
}

/** The principal's ARN as events name it: without its path. */
function ownerArn(detail: JsonObject, kind: string, prefix: string): string | undefined {
  const arn = readString(detail, 'Arn');
  const name = readString(detail, `${prefix}Name`);
  if (arn === undefined || name === undefined || accountOfArn(arn) === undefined) return undefined;
  const [, partition = 'aws', , , account] = arn.split(':', 5);
  return `arn:${partition}:iam::${account}:${kind}/${name}`;
}
