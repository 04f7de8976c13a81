import assert from 'node:assert/strict';
import type { AnalyzeOptions, Exposure, Finding, PolicyAnalysis } from '../../src/iam/analysis.ts';
import { analyzePolicy } from '../../src/iam/analyze-policy.ts';
import type { Case } from '../read-cases.ts';
import { knowledge } from './knowledge.ts';

/** A finding by what matters of it: lists are subsets of the finding's. */
export type FindingPattern = { readonly type: string } & Partial<Omit<Finding, 'type' | 'reason'>>;

export type PolicyCase = Case<
  { readonly document: unknown } & AnalyzeOptions,
  Partial<Pick<PolicyAnalysis, 'status' | 'kind' | 'isAdmin' | 'isPublic' | 'riskLevel'>> & {
    /** Every finding there is. */
    readonly findings?: readonly FindingPattern[];
    readonly has?: readonly FindingPattern[];
    readonly lacks?: readonly FindingPattern[];
    readonly exposure?: Partial<Exposure>;
  }
>;

/** Analyzes the case's document and compares what the case names. */
export function runPolicyCase({ input, expected }: PolicyCase): void {
  const { document, ...options } = input;
  const analysis = analyzePolicy(document, options, knowledge);
  const { findings, has = [], lacks = [], exposure = {}, ...plain } = expected;

  for (const [member, value] of Object.entries(plain)) {
    assert.deepEqual(analysis[member as keyof PolicyAnalysis], value, member);
  }
  const seen = JSON.stringify(analysis.findings.map(({ actions: _, ...rest }) => rest));
  for (const pattern of has) assert.ok(find(analysis, pattern), `no ${JSON.stringify(pattern)} in ${seen}`);
  for (const pattern of lacks)
    assert.ok(!find(analysis, pattern), `unwanted ${JSON.stringify(pattern)} in ${seen}`);
  if (findings !== undefined) {
    for (const pattern of findings)
      assert.ok(find(analysis, pattern), `no ${JSON.stringify(pattern)} in ${seen}`);
    assert.equal(analysis.findings.length, findings.length, seen);
  }
  for (const [member, value] of Object.entries(exposure)) {
    assert.deepEqual(analysis.exposure?.[member as keyof Exposure], value, `exposure.${member}`);
  }
}

function find(analysis: PolicyAnalysis, pattern: FindingPattern): boolean {
  return analysis.findings.some((finding) =>
    Object.entries(pattern).every(([member, wanted]) => {
      const value = finding[member as keyof Finding];
      return Array.isArray(wanted)
        ? wanted.every((one) => (value as readonly unknown[]).includes(one))
        : value === wanted;
    }),
  );
}
