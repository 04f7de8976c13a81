import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Finding, PolicyAnalysis } from '../../src/iam/analysis.ts';
import { analyzePolicy } from '../../src/iam/analyze-policy.ts';
import { Budget } from '../../src/iam/budget.ts';
import { compareAnalyses } from '../../src/iam/compare-analyses.ts';
import { canonicalDocumentHash } from '../../src/iam/document-hash.ts';
import { ActionExpander } from '../../src/iam/expand-actions.ts';
import { matchesPattern } from '../../src/iam/match-pattern.ts';
import { packAnalysis, unpackAnalysis } from '../../src/iam/pack-analysis.ts';
import { catalog, knowledge } from '../iam/knowledge.ts';
import { globMatches } from '../iam/oracle.ts';
import { identityStatement, identityStatements } from './models.ts';

/** Laws of the policy analysis that hold for every document. */

const PERMISSION_TYPES = new Set([
  'Admin',
  'PrivilegeEscalation',
  'ResourceExposure',
  'CredentialsExposure',
  'DataExfiltration',
  'DefenseImpairment',
  'InfrastructureModification',
  'ServiceWildcard',
  'PatternEvasion',
  'UnboundedNotAction',
  'UnboundedNotResource',
  'UnboundedPassRole',
]);

test('matching equals a naive regular expression', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', 'C', ':', '.', '['), maxLength: 12 });
  const pattern = fc.string({ unit: fc.constantFrom('a', 'b', 'C', ':', '.', '[', '*', '?'), maxLength: 10 });

  fc.assert(
    fc.property(pattern, text, (glob, value) => {
      assert.equal(matchesPattern(glob, value, new Budget(100_000)), globMatches(glob, value));
    }),
    { numRuns: 2_000 },
  );
});

test('expansion equals matching every action one by one', () => {
  const name = fc.string({
    unit: fc.constantFrom('Get', 'Put', 'a', 'e', 'r', 'o', '*', '?', 'Policy', 'Role'),
    maxLength: 8,
  });
  const service = fc.constantFrom('iam', 'IAM', 's3', 's?', '*', 'e*2', 'nosuch', 'ec2', 'lam*');
  const slow = (pattern: string): string[] => {
    const [prefix = '', rest = ''] = pattern.toLowerCase().split(':');
    return catalog.names.filter((known) => {
      const [knownPrefix = '', knownRest = ''] = known.toLowerCase().split(':');
      return globMatches(prefix, knownPrefix) && globMatches(rest, knownRest);
    });
  };

  fc.assert(
    fc.property(service, name, (prefix, rest) => {
      const expander = new ActionExpander(catalog, new Budget(1e9));
      const pattern = `${prefix}:${rest}`;
      const names = expander
        .expandAll([pattern])
        .ids()
        .map((id) => catalog.names[id]);
      assert.deepEqual(names, slow(pattern));
    }),
    { numRuns: 60 },
  );
});

test('one more Allow removes no finding: it may make a conditional one direct', () => {
  fc.assert(
    fc.property(identityStatements, identityStatement('Allow'), (before, added) => {
      const old = entries(analyze(before));
      const now = entries(analyze([...before, added]));
      for (const [entry, certainty] of old) {
        assert.ok(now.has(entry), `lost ${entry}`);
        if (certainty === 'direct') assert.equal(now.get(entry), 'direct', entry);
      }
    }),
    { numRuns: 300 },
  );
});

test('an unconditional Deny of everything removes every finding about permissions', () => {
  fc.assert(
    fc.property(
      identityStatements,
      fc.constantFrom('*', '*:*', '**'),
      fc.constantFrom('*', 'arn:*', '**'),
      (before, all, everywhere) => {
        const analysis = analyze([...before, { Effect: 'Deny', Action: all, Resource: everywhere }]);
        assert.deepEqual(
          analysis.findings.filter(({ type }) => PERMISSION_TYPES.has(type)),
          [],
        );
        assert.equal(analysis.isAdmin, false);
      },
    ),
    { numRuns: 100 },
  );
});

test('neither the order of statements nor the letter case of actions matters', () => {
  fc.assert(
    fc.property(identityStatements, fc.boolean(), (given, upper) => {
      const shouted = given.map((one) => ({
        ...one,
        ...mapActions(one, (text) => (upper ? text.toUpperCase() : text.toLowerCase())),
      }));
      const first = analyze(given);
      assert.deepEqual(signature(analyze([...given].reverse())), signature(first));
      assert.deepEqual(withoutEvasion(signature(analyze(shouted))), withoutEvasion(signature(first)));
    }),
    { numRuns: 150 },
  );
});

test('a policy compared with itself is unchanged, and with its opposite order too', () => {
  fc.assert(
    fc.property(identityStatements, (given) => {
      const change = compareAnalyses(analyze(given), analyze([...given].reverse()), knowledge);
      assert.equal(change.verdict, 'unchanged');
      assert.deepEqual([change.addedFindings, change.removedFindings, change.addedActions], [[], [], 0]);
    }),
    { numRuns: 100 },
  );
});

test('what is added one way is removed the other way', () => {
  fc.assert(
    fc.property(identityStatements, identityStatements, (before, after) => {
      const there = compareAnalyses(analyze(before), analyze(after), knowledge);
      const back = compareAnalyses(analyze(after), analyze(before), knowledge);
      const opposite = { broadened: 'narrowed', narrowed: 'broadened' } as const;
      const expected =
        there.verdict === 'broadened' || there.verdict === 'narrowed'
          ? opposite[there.verdict]
          : there.verdict;
      assert.equal(back.verdict, expected);
      assert.deepEqual([there.addedActions, there.removedActions], [back.removedActions, back.addedActions]);
      assert.deepEqual(there.addedFindings, back.removedFindings);
    }),
    { numRuns: 100 },
  );
});

test('one more Allow never narrows, one more Deny never broadens', () => {
  fc.assert(
    fc.property(
      identityStatements,
      identityStatement('Allow'),
      identityStatement('Deny'),
      (before, allow, deny) => {
        const old = analyze(before);
        assert.match(
          compareAnalyses(old, analyze([...before, allow]), knowledge).verdict,
          /^(broadened|unchanged|mixed)$/,
        );
        assert.match(
          compareAnalyses(old, analyze([...before, deny]), knowledge).verdict,
          /^(narrowed|unchanged|mixed)$/,
        );
      },
    ),
    { numRuns: 150 },
  );
});

test('packing and unpacking gives the same analysis back, in one line', () => {
  fc.assert(
    fc.property(
      identityStatements,
      fc.constantFrom('identity' as const, 'boundary' as const, 'session' as const),
      (given, kind) => {
        const analysis = analyzePolicy({ Statement: given }, { kind }, knowledge);
        const packed = packAnalysis(analysis, knowledge);
        assert.ok(!packed.includes('\n'));
        assert.deepEqual(plain(unpackAnalysis(packed, knowledge)), plain(analysis));
      },
    ),
    { numRuns: 100 },
  );
});

test('any JSON, and any text, gets an answer', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.jsonValue({ maxDepth: 6 }),
        fc.string(),
        fc.jsonValue().map((value) => ({ Statement: value })),
      ),
      (value) => {
        const analysis = analyzePolicy(value, {}, knowledge);
        assert.ok(Object.isFrozen(analysis) && Object.isFrozen(analysis.findings));
        assert.equal(canonicalDocumentHash(value).length, 27);
        unpackAnalysis(JSON.stringify(value), knowledge);
      },
    ),
    { numRuns: 500 },
  );
});

test('the hash of a document does not depend on its form', () => {
  fc.assert(
    fc.property(identityStatements, (given) => {
      const document = { Version: '2012-10-17', Statement: given };
      const turned = JSON.stringify(Object.fromEntries(Object.entries(document).reverse()), undefined, 3);
      const hash = canonicalDocumentHash(document);
      assert.equal(canonicalDocumentHash(turned), hash);
      assert.equal(canonicalDocumentHash(encodeURIComponent(turned)), hash);
      assert.notEqual(canonicalDocumentHash({ ...document, Statement: [...given, given[0]] }), hash);
    }),
    { numRuns: 50 },
  );
});

function analyze(given: readonly unknown[]): PolicyAnalysis {
  return analyzePolicy({ Version: '2012-10-17', Statement: given }, { kind: 'identity' }, knowledge);
}

/** One entry per type, path and action, or per type alone where the actions only stand for others. */
function entries(analysis: PolicyAnalysis): Map<string, Finding['certainty']> {
  const found = new Map<string, Finding['certainty']>();
  for (const { type, path, actions, certainty } of analysis.findings) {
    const words = actions.length === 0 || type.startsWith('Unbounded') ? [''] : actions;
    for (const word of words) {
      const key = `${type} ${path ?? ''} ${word}`;
      if (found.get(key) !== 'direct') found.set(key, certainty);
    }
  }
  return found;
}

function signature(analysis: PolicyAnalysis): string[] {
  return analysis.findings.map(
    ({ type, path, certainty, actions }) => `${type} ${path ?? ''} ${certainty} ${actions.join()}`,
  );
}

/** Whether a star cuts a word can be told only from a spelling in mixed case. */
function withoutEvasion(signatures: readonly string[]): string[] {
  return signatures.filter((one) => !one.startsWith('PatternEvasion'));
}

function mapActions(one: { readonly [member: string]: unknown }, change: (text: string) => string): object {
  const member = 'Action' in one ? 'Action' : 'NotAction';
  return { [member]: (one[member] as string[]).map(change) };
}

/** Sets by their ids, so that equality is about content. */
function plain(analysis: PolicyAnalysis | undefined): unknown {
  if (analysis === undefined) return undefined;
  const { grants } = analysis;
  const scopes = (list: typeof grants.scopes): unknown =>
    list.map((scope) => ({ ...scope, actions: scope.actions.ids() }));
  return {
    ...analysis,
    grants: {
      ...grants,
      direct: grants.direct.ids(),
      scopes: scopes(grants.scopes),
      denies: scopes(grants.denies),
    },
  };
}
