import type { Config } from '../config.ts';
import type { PolicyContext } from '../enrichment/policy/context.ts';
import { knownPolicyContributions } from '../enrichment/policy/known-policy.ts';
import type { Metrics } from '../metrics.ts';
import type { PolicyResolver } from '../resolver/port.ts';
import type { Store } from '../store/port.ts';

/** The resolver that reads missing policies from IAM, or undefined when it is switched off. */
export async function openResolver(
  config: Config,
  store: Store,
  policies: PolicyContext,
  metrics: Metrics,
  now: () => number,
): Promise<PolicyResolver | undefined> {
  if (config.DETRAILS_POLICY_RESOLVER === 'none') return undefined;
  const { createAwsResolver } = await import('../resolver/aws-resolver.ts');
  const account = config.DETRAILS_POLICY_RESOLVER_ACCOUNT;
  const role = config.DETRAILS_POLICY_RESOLVER_ROLE;
  const endpoint = config.DETRAILS_POLICY_RESOLVER_ENDPOINT;
  return createAwsResolver({
    ...(account !== undefined && { ownAccount: account }),
    ...(role !== undefined && { roleArnTemplate: role }),
    ...(endpoint !== undefined && { iamEndpoint: endpoint, stsEndpoint: endpoint }),
    store,
    contributionsOf: (policy) => knownPolicyContributions(policy, 'resolver', policies),
    now,
    onOutcome: (outcome) => metrics.resolver.inc({ outcome }),
    onQueue: (length) => metrics.resolverQueue.set(length),
  });
}
