import { type Finding, type FindingType, SEVERITIES, type Severity } from './analysis.ts';

type Levels = { readonly direct: Severity; readonly conditional: Severity };

/** How bad each type of finding is. */
export const SEVERITY_OF: { readonly [type in FindingType]: Levels } = {
  Admin: { direct: 'critical', conditional: 'high' },
  PublicAccess: { direct: 'critical', conditional: 'medium' },
  PrivilegeEscalation: { direct: 'high', conditional: 'medium' },
  ResourceExposure: { direct: 'high', conditional: 'medium' },
  CredentialsExposure: { direct: 'high', conditional: 'medium' },
  DataExfiltration: { direct: 'medium', conditional: 'low' },
  DefenseImpairment: { direct: 'medium', conditional: 'low' },
  InfrastructureModification: { direct: 'low', conditional: 'low' },
  ServiceWildcard: { direct: 'medium', conditional: 'low' },
  PatternEvasion: { direct: 'high', conditional: 'medium' },
  UnboundedNotAction: { direct: 'medium', conditional: 'low' },
  UnboundedNotResource: { direct: 'medium', conditional: 'low' },
  UnboundedPassRole: { direct: 'medium', conditional: 'low' },
  UnboundedNotPrincipal: { direct: 'critical', conditional: 'medium' },
  CrossAccountAccess: { direct: 'medium', conditional: 'low' },
  FederatedAccess: { direct: 'high', conditional: 'low' },
  ComputeServiceAccess: { direct: 'low', conditional: 'low' },
  ServiceAccess: { direct: 'low', conditional: 'low' },
  MalformedStatement: { direct: 'low', conditional: 'low' },
  DuplicateKey: { direct: 'medium', conditional: 'medium' },
  PolicyTooComplex: { direct: 'high', conditional: 'high' },
  PolicyTooLarge: { direct: 'high', conditional: 'high' },
};

/** The highest severity among the findings; `info` without any. */
export function highestSeverity(findings: readonly Finding[]): Severity {
  let highest = 0;
  for (const finding of findings) highest = Math.max(highest, SEVERITIES.indexOf(finding.severity));
  return SEVERITIES[highest] ?? 'info';
}

/** The lower of two severities. */
export function lowerSeverity(a: Severity, b: Severity): Severity {
  return SEVERITIES.indexOf(a) < SEVERITIES.indexOf(b) ? a : b;
}
