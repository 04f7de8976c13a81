import type { PolicyAnalysis, PolicyKnowledge } from '../iam/analysis.ts';
import { unpackParsed } from '../iam/pack-analysis.ts';
import { readDataFile } from './data-file.ts';

/** An AWS-managed policy as of the bundle's date. */
export type ManagedPolicy = {
  /** Version id that was the default, such as `v10`. */
  readonly version: string;
  readonly analysis: PolicyAnalysis;
};

/** The bundled analyses of AWS-managed policies. */
export interface ManagedPolicies {
  /** By ARN, in any partition; undefined for a policy the bundle does not hold. */
  find(arn: string): ManagedPolicy | undefined;
  readonly count: number;
}

/** `data/managed-policies.json`. */
export type ManagedPoliciesFile = {
  readonly about: string;
  /** Knowledge the analyses were packed with; under another they cannot be read. */
  readonly knowledge: string;
  /** Path and name behind `policy/`, to version and packed analysis. */
  readonly policies: { readonly [name: string]: readonly [version: string, packed: object] };
};

const ARN = /^arn:aws[a-z-]*:iam::aws:policy\/(.{1,512})$/;

/** Loads `data/managed-policies.json`; once, at start. Analyses are unpacked when first asked for. */
export function loadManagedPolicies(knowledge: PolicyKnowledge): ManagedPolicies {
  return managedPoliciesFromFile(readDataFile('managed-policies.json') as ManagedPoliciesFile, knowledge);
}

/** {@link ManagedPolicies} over the content of a file. */
export function managedPoliciesFromFile(
  file: ManagedPoliciesFile,
  knowledge: PolicyKnowledge,
): ManagedPolicies {
  const rows = new Map(Object.entries(file.policies));
  const unpacked = new Map<string, ManagedPolicy | undefined>();
  return {
    count: rows.size,
    find(arn) {
      const name = ARN.exec(arn)?.[1];
      const row = name === undefined ? undefined : rows.get(name);
      if (name === undefined || row === undefined) return undefined;
      if (!unpacked.has(name)) {
        const analysis = unpackParsed({ ...row[1], f: 1, h: file.knowledge }, knowledge);
        unpacked.set(name, analysis && Object.freeze({ version: row[0], analysis }));
      }
      return unpacked.get(name);
    },
  };
}
