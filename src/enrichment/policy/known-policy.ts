import type { KnownPolicy } from '../../resolver/port.ts';
import { canonicalTime } from '../../sessions/event-time.ts';
import type { Contribution, FieldOperation } from '../../store/port.ts';
import type { PolicyContext } from './context.ts';
import {
  defaultOperation,
  documentOperation,
  lifeContribution,
  managedLifeKey,
  storable,
} from './life-record.ts';
import { parseManagedArn } from './policy-arn.ts';

/**
 * What IAM itself said of a managed policy, as contributions like those of events: each version's
 * document as of its creation, and the default as of its creation and as of when IAM was asked. A
 * default chosen in between by an event we know is later than the first and wins where it belongs.
 * Empty for what is no managed policy or names no time.
 */
export function knownPolicyContributions(
  policy: KnownPolicy,
  source: 'resolver' | 'import',
  context: PolicyContext,
): readonly Contribution[] {
  const key = managedLifeKey(policy.arn);
  if (key === undefined || parseManagedArn(policy.arn) === undefined) return [];
  const analyses: Contribution[] = [];
  const operations: FieldOperation[] = [];
  for (const { version, document, createdAt } of policy.versions.slice(0, MAX_VERSIONS)) {
    const time = canonicalTime(createdAt);
    if (time === undefined || storable(version) !== version) continue;
    const { analysis, hash } = context.analyze(document, 'identity', undefined);
    analyses.push(context.remember(context.analysisKey(hash, 'identity', undefined), analysis));
    operations.push(documentOperation({ time, version, document: hash, eventId: source }));
    if (version === policy.defaultVersion) {
      operations.push(defaultOperation({ time, rank: 1, version, eventId: source }));
    }
  }
  const observedAt = canonicalTime(policy.observedAt);
  if (observedAt !== undefined && storable(policy.defaultVersion) === policy.defaultVersion) {
    const entry = { time: observedAt, rank: 2, version: policy.defaultVersion, eventId: source } as const;
    operations.push(defaultOperation(entry));
  }
  return operations.length === 0 ? [] : [...analyses, lifeContribution(key, operations)];
}

/** IAM keeps five versions of a policy. */
const MAX_VERSIONS = 10;
