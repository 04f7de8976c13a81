import type { FindingType } from './analysis.ts';

/** Why a finding is one, in a sentence. */
export const REASONS: { readonly [type in FindingType]: string } = {
  Admin: 'Every action is allowed on every resource.',
  PublicAccess: 'Anybody is allowed.',
  PrivilegeEscalation: 'These actions together are a known way to more permissions.',
  ResourceExposure: 'These actions change who can reach a resource, on any resource.',
  CredentialsExposure: 'These actions return or create credentials, for any resource.',
  DataExfiltration: 'These actions read or carry away stored data, from any resource.',
  DefenseImpairment: 'These actions stop or blind logging, detection or protection.',
  InfrastructureModification: 'These actions change or delete any resource of their type.',
  ServiceWildcard: 'Every action of these services is allowed, and each one AWS adds.',
  PatternEvasion: 'The spelling of an action hides what it allows from plain comparison.',
  UnboundedNotAction: 'Allow with NotAction allows everything but a list, and each action AWS adds.',
  UnboundedNotResource: 'Allow with NotResource allows every resource but a list.',
  UnboundedPassRole: 'Any role can be passed to any service: iam:PassedToService does not limit it.',
  UnboundedNotPrincipal: 'Allow with NotPrincipal allows everybody but a list.',
  CrossAccountAccess: 'Principals of another account are allowed.',
  FederatedAccess: 'Users of an identity provider are allowed without a condition that tells them apart.',
  ComputeServiceAccess: 'Code that runs on a compute service can take this role.',
  ServiceAccess: 'An AWS service is allowed for whatever account it acts for.',
  MalformedStatement: 'AWS would refuse this statement; what could be read of it is counted.',
  DuplicateKey: 'A member is written twice; the last one is counted, as AWS readers differ.',
  PolicyTooComplex: 'The analysis reached its bound: what the policy allows is unknown.',
  PolicyTooLarge: 'The document is longer than the limit: what it allows is unknown.',
};

/** What else a finding's reason can say, by what made it conditional or worse. */
export const NOTES = {
  condition: ' A condition limits it.',
  target: ' It needs a target with more permissions than the caller.',
  boundary: ' It grants nothing by itself; this is what it leaves possible.',
  scoped: ' It is limited to some resources.',
  organization: 'Principals of an organization are allowed.',
  limitedPublic: 'Anybody who meets a condition is allowed.',
  weakPublic: 'Anybody is allowed; the condition does not limit who.',
  externalId: 'Principals of another account are allowed when they name an external id.',
  unknownAccount: 'Principals of an account are allowed; whether it is a foreign one is not known.',
  opaque: 'A principal is allowed whose id does not tell its account.',
  oidcNoSubject: 'Any token of this shared identity provider is accepted: no condition limits its subject.',
  oidcWideSubject:
    'The subject condition leaves it open whose tokens of this identity provider are accepted.',
  oidcPrivate: 'Any token of this identity provider is accepted: no condition limits its subject.',
  samlNoAudience: 'SAML users are accepted without a condition on the audience.',
  rolesAnywhere: 'Any certificate of any trust anchor is accepted: no condition limits it.',
  invalid: 'The document cannot be read as a policy.',
} as const;
