import { type Exposure, type Finding, type PolicyAnalysis, SEVERITIES } from '../../iam/analysis.ts';
import type { ExposureEnrichment, FindingEnrichment, PolicyEnrichment } from '../output.ts';

/** How many findings an event carries; `counts` always says how many there are. */
export const MAX_FINDINGS = 25;
const MAX_ACTIONS = 20;
const MAX_LIST = 20;
const MAX_EXPOSURE = 50;

/** The members of `detrails.policy` that depend on the analysis alone. */
export type RenderedAnalysis = Pick<
  PolicyEnrichment,
  'risk_level' | 'is_admin' | 'is_public' | 'findings' | 'counts' | 'exposure'
>;

/** An analysis as output, bounded; the same object for the same analysis. */
export function renderAnalysis(analysis: PolicyAnalysis): RenderedAnalysis {
  const known = RENDERED.get(analysis);
  if (known !== undefined) return known;
  const rendered = Object.freeze(render(analysis));
  RENDERED.set(analysis, rendered);
  return rendered;
}

/** Findings as output: one of each type first, then the gravest, in the order the analysis lists them. */
export function renderFindings(findings: readonly Finding[]): FindingEnrichment[] {
  return selectFindings(findings).map(renderFinding);
}

const RENDERED = new WeakMap<PolicyAnalysis, RenderedAnalysis>();

function render(analysis: PolicyAnalysis): RenderedAnalysis {
  const { findings, counts, exposure, kind } = analysis;
  return {
    risk_level: analysis.riskLevel,
    is_admin: analysis.isAdmin,
    ...((kind === 'trust' || kind === 'resource') && { is_public: analysis.isPublic }),
    ...(findings.length > 0 && { findings: renderFindings(findings), counts: { ...counts } }),
    ...(exposure !== undefined && { exposure: renderExposure(exposure) }),
  };
}

function selectFindings(findings: readonly Finding[]): readonly Finding[] {
  if (findings.length <= MAX_FINDINGS) return findings;
  const chosen = new Set<Finding>();
  const types = new Set<string>();
  for (const finding of findings) {
    if (types.has(finding.type)) continue;
    types.add(finding.type);
    chosen.add(finding);
  }
  for (const finding of findings.toSorted(compareWeight)) {
    if (chosen.size >= MAX_FINDINGS) break;
    chosen.add(finding);
  }
  return findings.filter((finding) => chosen.has(finding));
}

/** The gravest first; of those the direct ones, then those that take the fewest actions. */
function compareWeight(left: Finding, right: Finding): number {
  return (
    SEVERITIES.indexOf(right.severity) - SEVERITIES.indexOf(left.severity) ||
    Number(left.certainty === 'conditional') - Number(right.certainty === 'conditional') ||
    left.actions.length - right.actions.length
  );
}

function renderFinding(finding: Finding): FindingEnrichment {
  const { actions, services, statements } = finding;
  return Object.freeze({
    type: finding.type,
    severity: finding.severity,
    certainty: finding.certainty,
    ...(finding.path !== undefined && { path: finding.path }),
    ...(actions.length > 0 && { actions: actions.slice(0, MAX_ACTIONS), action_count: actions.length }),
    ...(services.length > 0 && { services: services.slice(0, MAX_LIST) }),
    ...(statements.length > 0 && { statements: statements.slice(0, MAX_LIST) }),
    reason: finding.reason,
  });
}

function renderExposure(exposure: Exposure): ExposureEnrichment {
  return {
    public: exposure.public,
    ...listed('accounts', exposure.accounts),
    ...listed('federated', exposure.federated),
    ...listed('services', exposure.services),
    ...listed('organizations', exposure.organizations),
    ...listed('conditions', exposure.conditions),
  };
}

function listed<Name extends string>(name: Name, values: readonly string[]): { [key in Name]?: string[] } {
  const present = values.filter((value) => value !== '').slice(0, MAX_EXPOSURE);
  return present.length === 0 ? {} : ({ [name]: present } as { [key in Name]: string[] });
}
