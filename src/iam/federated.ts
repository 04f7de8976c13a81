import type { Severity } from './analysis.ts';
import type { Condition } from './conditions.ts';
import { isStars } from './match-pattern.ts';
import { NOTES } from './reasons.ts';

/** What is wrong with trusting an identity provider under some conditions. */
export type FederationProblem = {
  readonly severity: Severity;
  readonly reason: string;
};

/**
 * Providers whose tokens anybody can get: without a condition on the subject, everybody is trusted. With
 * what a subject must begin with before its first wildcard to name one customer of theirs.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc_secure-by-default.html
 */
const SHARED_PROVIDERS: readonly {
  readonly host: string;
  readonly subject: RegExp;
  readonly keys: readonly string[];
}[] = [
  {
    host: 'token.actions.githubusercontent.com',
    subject: /^repo:[^*?/:]+\/|^(?!repo:)[A-Za-z_]+:[^*?]{3}/,
    keys: [
      'sub',
      'repository',
      'repository_id',
      'repository_owner',
      'repository_owner_id',
      'job_workflow_ref',
    ],
  },
  { host: 'gitlab.com', subject: /^project_path:[^*?/:]+\//, keys: ['sub'] },
  { host: 'app.terraform.io', subject: /^organization:[^*?:]+:/, keys: ['sub'] },
  { host: 'accounts.google.com', subject: /^[^*?]{6}/, keys: ['sub', 'aud', 'oaud'] },
  { host: 'cognito-identity.amazonaws.com', subject: /^[^*?]{6}/, keys: ['sub', 'aud'] },
  { host: 'graph.facebook.com', subject: /^[^*?]{4}/, keys: ['id', 'app_id'] },
  { host: 'www.amazon.com', subject: /^[^*?]{6}/, keys: ['user_id', 'app_id'] },
  { host: 'agent.buildkite.com', subject: /^organization:[^*?:]+:/, keys: ['sub'] },
  { host: 'oidc.vercel.com', subject: /^owner:[^*?:]+:/, keys: ['sub'] },
  { host: 'api.pulumi.com/oidc', subject: /^pulumi:[^*?]+:org:[^*?:]+:/, keys: ['sub', 'aud'] },
];
const EQUALITY = new Set(['stringequals', 'stringequalsignorecase', 'stringlike']);

/** Judges a federated principal; undefined when its conditions tell its users apart. */
export function judgeFederation(
  provider: string,
  conditions: readonly Condition[],
): FederationProblem | undefined {
  if (/:saml-provider\//.test(provider)) {
    const hasAudience = conditions.some((one) => one.key.startsWith('saml:') && isLimiting(one, isNotOpen));
    return hasAudience ? undefined : { severity: 'low', reason: NOTES.samlNoAudience };
  }
  const host = hostOf(provider);
  const shared = SHARED_PROVIDERS.find((one) => host === one.host || host.startsWith(`${one.host}/`));
  if (shared === undefined) {
    const hasSubject = conditions.some(
      (one) => one.key.startsWith(`${host}:`) && isSubject(one) && isLimiting(one, isNotOpen),
    );
    return hasSubject ? undefined : { severity: 'medium', reason: NOTES.oidcPrivate };
  }
  const named = conditions.filter((one) => shared.keys.some((key) => one.key === `${host}:${key}`));
  if (named.some((one) => isLimiting(one, (value) => isNamed(one, value, shared.subject)))) return undefined;
  return { severity: 'high', reason: named.length > 0 ? NOTES.oidcWideSubject : NOTES.oidcNoSubject };
}

/** `token.actions.githubusercontent.com` of the provider's ARN, lower case. */
function hostOf(provider: string): string {
  const marker = ':oidc-provider/';
  const at = provider.indexOf(marker);
  return (at === -1 ? provider : provider.slice(at + marker.length)).toLowerCase();
}

/** The audience of a private provider says which client asks, not who its user is. */
function isSubject(condition: Condition): boolean {
  return !condition.key.endsWith(':aud');
}

function isNamed(condition: Condition, value: string, subject: RegExp): boolean {
  return condition.key.endsWith(':sub') ? subject.test(value) : isNotOpen(value);
}

function isLimiting(condition: Condition, isGood: (value: string) => boolean): boolean {
  return (
    EQUALITY.has(condition.operator) &&
    !condition.ifExists &&
    condition.qualifier !== 'forallvalues' &&
    condition.values.length > 0 &&
    condition.values.every(isGood)
  );
}

function isNotOpen(value: string): boolean {
  return !isStars(value) && !/^[*?]/.test(value);
}
