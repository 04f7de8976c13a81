import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { Finding, FindingType, PolicyAnalysis } from '../../src/iam/analysis.ts';
import { analyzePolicy } from '../../src/iam/analyze-policy.ts';
import { NOTES } from '../../src/iam/reasons.ts';
import { readDataFile } from '../../src/knowledge/data-file.ts';
import type { EscalationFile } from '../../src/knowledge/escalation-paths.ts';
import { sharedPath } from '../shared.ts';
import {
  type Category,
  explainExtra,
  explainExtraTrust,
  explainMissing,
  explainMissingTrust,
} from './corrections.ts';
import { knowledge } from './knowledge.ts';

/**
 * Our findings against Cloudsplaining's for the same documents: everything it finds we find, and everything
 * beyond it has a name. The corrections are in `corrections.ts`, each with a test of its own in
 * `corrections.test.ts`.
 */

/** An action or service, or a path with its actions. */
type TheirEntry = string | { readonly type: string };
type Golden = {
  readonly id: string;
  readonly findings?: { readonly [category: string]: readonly TheirEntry[] };
  readonly error?: unknown;
};
type Case = { readonly id: string; readonly document?: unknown; readonly raw?: string };

const CATEGORIES: readonly Category[] = [
  'PrivilegeEscalation',
  'ResourceExposure',
  'DataExfiltration',
  'CredentialsExposure',
  'InfrastructureModification',
  'ServiceWildcard',
];
const pathsByName = new Map<string, string>();
for (const path of (readDataFile('privilege-escalation.json') as EscalationFile).paths) {
  if (path.cloudsplaining !== undefined) pathsByName.set(path.cloudsplaining, path.id);
}

let knownToThem: ReadonlySet<string> | undefined;

for (const [name, documents, golden] of [
  ['AWS-managed', 'managed-policies', 'managed-cloudsplaining'],
  ['tricky', 'tricky-cases', 'tricky-cloudsplaining'],
] as const) {
  const documentsPath = sharedPath(`reference/iam/${documents}.jsonl`);
  const goldenPath = sharedPath(`reference/iam/${golden}.jsonl`);
  const skip = (documentsPath === undefined || goldenPath === undefined) && 'shared/ is not here';

  test(`every difference from Cloudsplaining on ${name} policies has a name`, { skip }, () => {
    const cases = new Map(readLines<Case>(documentsPath ?? '').map((one) => [one.id, one]));
    const counts = new Map<string, number>();
    const unexplained: string[] = [];
    let policies = 0;

    for (const { id, findings, error } of readLines<Golden>(goldenPath ?? '')) {
      const one = cases.get(id);
      assert.ok(one, `no document for ${id}`);
      const document = one.raw ?? one.document;
      const analysis = analyzePolicy(document, { kind: 'identity' }, knowledge);
      policies++;
      for (const category of CATEGORIES) {
        const theirs = new Set((findings?.[category] ?? []).map((entry) => translate(entry)));
        const ours = entriesOf(analysis, category);
        for (const entry of theirs) {
          count(
            ours.has(entry) ? 'same' : explainMissing(category, entry, document),
            'missing',
            id,
            category,
            entry,
          );
        }
        for (const [entry, certainty] of ours) {
          if (!theirs.has(entry)) {
            const reason =
              error === undefined
                ? explainExtra({ category, entry, certainty }, document, theirData())
                : 'document_survives';
            count(reason, 'extra', id, category, entry);
          }
        }
      }
    }

    const table = [...counts].sort(([a], [b]) => (a < b ? -1 : 1));
    console.log(
      `${name}: ${policies} policies\n${table.map(([key, n]) => `  ${String(n).padStart(7)} ${key}`).join('\n')}`,
    );
    assert.deepEqual(unexplained.slice(0, 20), [], `${unexplained.length} unexplained differences`);

    function count(
      reason: string | undefined,
      side: string,
      id: string,
      category: string,
      entry: string,
    ): void {
      if (reason === undefined) unexplained.push(`${side} ${id} ${category} ${entry}`);
      const key = reason === 'same' ? 'same' : `${side} ${reason ?? 'UNEXPLAINED'}`;
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
  });
}

/** `category action` for everything in their findings for AdministratorAccess: what their data knows. */
function theirData(): ReadonlySet<string> {
  knownToThem ??= new Set(
    readLines<Golden>(sharedPath('reference/iam/managed-cloudsplaining.jsonl') ?? '')
      .filter(({ id }) => id === 'AdministratorAccess')
      .flatMap(({ findings }) => Object.entries(findings ?? {}))
      .flatMap(([category, entries]) => entries.map((entry) => `${category} ${translate(entry)}`)),
  );
  return knownToThem;
}

/** Their entry in our words: path id, lower-case action, lower-case service. */
function translate(entry: TheirEntry): string {
  return typeof entry === 'string' ? entry.toLowerCase() : (pathsByName.get(entry.type) ?? entry.type);
}

/** Our entries with their certainty; one that is found both ways is direct. */
function entriesOf(analysis: PolicyAnalysis, category: FindingType): Map<string, Finding['certainty']> {
  const entries = new Map<string, Finding['certainty']>();
  const put = (entry: string, certainty: Finding['certainty']): void => {
    if (entries.get(entry) !== 'direct') entries.set(entry, certainty);
  };
  for (const { type, path, services, actions, certainty } of analysis.findings) {
    if (type !== category) continue;
    if (category === 'PrivilegeEscalation') put(path ?? '', certainty);
    else if (category === 'ServiceWildcard') for (const service of services) put(service, certainty);
    else for (const action of actions) put(action.toLowerCase(), certainty);
  }
  return entries;
}

function readLines<Row>(path: string): Row[] {
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Row);
}

type TrustCase = Case & { readonly account: string; readonly known_accounts?: readonly string[] };

const trustPath = sharedPath('reference/iam/trust-cases.jsonl');
const trustGolden = sharedPath('reference/iam/trust-cloudsplaining.jsonl');

test('every difference from Cloudsplaining on trust policies has a name', {
  skip: (trustPath === undefined || trustGolden === undefined) && 'shared/ is not here',
}, () => {
  const cases = new Map(readLines<TrustCase>(trustPath ?? '').map((one) => [one.id, one]));
  const counts = new Map<string, number>();
  const unexplained: string[] = [];

  for (const { id, findings } of readLines<Golden>(trustGolden ?? '')) {
    const one = cases.get(id);
    assert.ok(one, `no document for ${id}`);
    const analysis = analyzePolicy(one.document, { accountId: one.account }, knowledge);
    const theirs = new Set(
      Object.entries(findings ?? {})
        .filter(([, entries]) => entries.length > 0)
        .map(([category]) => category),
    );
    const ours = trustVerdicts(analysis);
    for (const verdict of new Set([...theirs, ...ours])) {
      const reason =
        theirs.has(verdict) && ours.has(verdict)
          ? 'same'
          : theirs.has(verdict)
            ? explainMissingTrust(verdict, ours, one)
            : explainExtraTrust(verdict, theirs, one);
      if (reason === undefined)
        unexplained.push(`${theirs.has(verdict) ? 'missing' : 'extra'} ${id} ${verdict}`);
      counts.set(reason ?? 'UNEXPLAINED', (counts.get(reason ?? 'UNEXPLAINED') ?? 0) + 1);
    }
  }

  console.log(
    `trust: ${cases.size} policies\n${[...counts].map(([key, n]) => `  ${String(n).padStart(7)} ${key}`).join('\n')}`,
  );
  assert.deepEqual(unexplained, []);
});

/** Our findings in Cloudsplaining's categories. */
function trustVerdicts(analysis: PolicyAnalysis): Set<string> {
  const verdicts = new Set<string>();
  for (const { type, certainty, reason } of analysis.findings) {
    const isOpenToAll = type === 'PublicAccess' || type === 'UnboundedNotPrincipal';
    if (type === 'ComputeServiceAccess') verdicts.add('AssumableByComputeService');
    else if (isOpenToAll && certainty === 'direct' && analysis.kind === 'trust')
      verdicts.add('AssumableByAnyPrincipal');
    else if ((isOpenToAll || reason === NOTES.organization) && analysis.kind === 'trust') {
      verdicts.add('AssumableByAnyPrincipalWithConditions');
    } else if (type === 'CrossAccountAccess') verdicts.add('AssumableByCrossAccountPrincipal');
    else if (type === 'FederatedAccess') verdicts.add('Federated');
  }
  if (analysis.isPublic) verdicts.add('InternetAccessibleActions');
  return verdicts;
}
