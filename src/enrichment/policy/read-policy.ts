import type { Contribution, StoredRecord } from '../../store/port.ts';
import type { PolicyEnrichment } from '../output.ts';
import { analysisRead, type PolicyContext } from './context.ts';
import { defaultAt, documentAt, type LifeHistory, readLifeHistory } from './life-history.ts';
import { carriedLifeKey, lifeContribution, managedLifeKey } from './life-record.ts';
import { accountOfArn, parseManagedArn } from './policy-arn.ts';
import { renderAnalysis } from './render-analysis.ts';
import { WITHHELD } from './withheld.ts';

/** `GET /v1/policies?arn=…&version=…`. Without a version, the one that is the default now. */
export type PolicyQuery = { readonly arn: string; readonly version?: string };

/** What is known of a policy; the body of the answer. Lists are newest first. */
export type PolicyKnown = {
  readonly arn: string;
  readonly policy: Pick<
    PolicyEnrichment,
    | 'status'
    | 'version'
    | 'risk_level'
    | 'is_admin'
    | 'is_public'
    | 'findings'
    | 'counts'
    | 'exposure'
    | 'reason'
  >;
  readonly default_version?: string;
  readonly versions?: readonly {
    readonly version?: string;
    readonly created: string;
    readonly event_id: string;
  }[];
  readonly defaults?: readonly {
    readonly version: string;
    readonly since: string;
    readonly event_id: string;
  }[];
  readonly deletions?: readonly {
    readonly time: string;
    readonly version?: string;
    readonly event_id: string;
  }[];
  readonly unanswered?: readonly {
    readonly time: string;
    readonly event_id: string;
    readonly operation: string;
    readonly version?: string;
    readonly attached_to?: string;
  }[];
};

type Records = ReadonlyMap<string, StoredRecord>;

/**
 * Reads to exchange before {@link answerPolicyQuery}: once without records, once more with the records of
 * the first exchange. Empty when there is nothing (more) to read.
 */
export function policyQueryReads(
  query: PolicyQuery,
  records: Records | undefined,
  context: PolicyContext,
): readonly Contribution[] {
  const key = keyOf(query.arn);
  if (key === undefined) return [];
  if (records === undefined) return [lifeContribution(key, [])];
  const found = find(query, readLifeHistory(records.get(key)), context);
  return found.key === undefined || context.recall(found.key, records) !== undefined
    ? []
    : [analysisRead(found.key)];
}

/** What the records and the bundle know of a policy; undefined when that is nothing (404). */
export function answerPolicyQuery(
  query: PolicyQuery,
  records: Records,
  context: PolicyContext,
): PolicyKnown | undefined {
  const { arn } = query;
  const bundled = context.managed.find(arn);
  if (bundled !== undefined && (query.version === undefined || query.version === bundled.version)) {
    const policy = {
      status: 'bundled' as const,
      version: bundled.version,
      ...renderAnalysis(bundled.analysis),
    };
    return { arn, policy, default_version: bundled.version };
  }
  const key = keyOf(arn);
  const record = key === undefined ? undefined : records.get(key);
  if (record === undefined) return undefined;
  const history = readLifeHistory(record);
  const current = defaultAt(history, undefined);
  return {
    arn,
    policy: renderFound(find(query, history, context), records, context),
    ...('entry' in current && { default_version: current.entry.version }),
    ...lists(history),
  };
}

type FoundVersion = {
  readonly version?: string;
  readonly key?: string;
  readonly withheld?: 'hidden' | 'omitted';
  readonly reason?: string;
};

function find(query: PolicyQuery, history: LifeHistory, context: PolicyContext): FoundVersion {
  const isManaged = parseManagedArn(query.arn) !== undefined;
  let version = query.version ?? '';
  if (isManaged && version === '') {
    const current = defaultAt(history, undefined);
    if ('gap' in current) return { reason: current.gap };
    version = current.entry.version;
  }
  const found = documentAt(history, version, undefined);
  const named = version === '' ? {} : { version };
  if ('gap' in found) return { ...named, reason: found.gap };
  const { document } = found.entry;
  if (document === 'hidden' || document === 'omitted') return { ...named, withheld: document };
  if (document === 'absent') return { ...named, reason: 'event_brought_no_document' };
  const kind = isManaged ? 'identity' : lifeOf(query.arn);
  return { ...named, key: context.analysisKey(document, kind, accountOfArn(query.arn)) };
}

function renderFound(found: FoundVersion, records: Records, context: PolicyContext): PolicyKnown['policy'] {
  const { key, version, withheld } = found;
  const named = version === undefined ? {} : { version };
  if (withheld !== undefined) return { status: withheld, ...named, ...WITHHELD[withheld] };
  const analysis = key === undefined ? undefined : context.recall(key, records);
  if (analysis === undefined) {
    return { status: 'unknown', ...named, reason: found.reason ?? 'analysis_not_in_store' };
  }
  const { status, reason } = analysis;
  return {
    status: status === 'analyzed' ? 'cached' : status,
    ...named,
    ...renderAnalysis(analysis),
    ...(reason !== undefined && { reason }),
  };
}

function lists(history: LifeHistory): Omit<PolicyKnown, 'arn' | 'policy' | 'default_version'> {
  const versions = history.documents.toReversed().map(({ version, time, eventId }) => ({
    ...(version !== '' && { version }),
    created: time,
    event_id: eventId,
  }));
  const defaults = history.defaults.toReversed().map(({ version, time, eventId }) => ({
    version,
    since: time,
    event_id: eventId,
  }));
  const deletions = [...history.deleted, ...history.deletedVersions]
    .sort((left, right) => (left.time < right.time ? 1 : left.time > right.time ? -1 : 0))
    .map(({ version, time, eventId }) => ({ time, ...(version !== '' && { version }), event_id: eventId }));
  const unanswered = history.unanswered.toReversed().map((entry) => ({
    time: entry.time,
    event_id: entry.eventId,
    operation: entry.operation,
    ...(entry.version !== '-' && { version: entry.version }),
    ...(entry.attachedTo !== '-' && { attached_to: entry.attachedTo }),
  }));
  return {
    ...(versions.length > 0 && { versions }),
    ...(defaults.length > 0 && { defaults }),
    ...(deletions.length > 0 && { deletions }),
    ...(unanswered.length > 0 && { unanswered }),
  };
}

/** The life record an ARN stands for: a managed policy, a role's trust policy, or a resource's policy. */
function keyOf(arn: string): string | undefined {
  const managed = parseManagedArn(arn);
  if (managed !== undefined) return managedLifeKey(arn);
  const account = accountOfArn(arn);
  return account === undefined ? undefined : carriedLifeKey(lifeOf(arn), account, withoutPath(arn), '');
}

/** A role's ARN as events name it. */
function withoutPath(arn: string): string {
  return lifeOf(arn) === 'trust' ? arn.replace(/:role\/.*\//, ':role/') : arn;
}

function lifeOf(arn: string): 'trust' | 'resource' {
  return /^arn:[^:]*:iam::\d{12}:role\//.test(arn) ? 'trust' : 'resource';
}
