import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { analyzePolicy } from '../../src/iam/analyze-policy.ts';
import { Budget } from '../../src/iam/budget.ts';
import { canonicalDocumentHash } from '../../src/iam/document-hash.ts';
import { inferKind } from '../../src/iam/infer-kind.ts';
import { matchesPattern } from '../../src/iam/match-pattern.ts';
import { hostileDocuments } from './hostile-documents.ts';
import { knowledge } from './knowledge.ts';
import { accounts, productDocuments } from './product-documents.ts';

/** Steps a document may take at most: the default, measured in `test/bench/policy-analysis.ts`. */
describe('hostile documents', () => {
  for (const [name, text] of hostileDocuments(knowledge.catalog)) {
    test(`${name} is answered, the same way twice`, () => {
      const options = { accountId: '123456789012' };
      const analysis = analyzePolicy(text, options, knowledge);
      assert.match(analysis.status, /^(analyzed|too_complex|too_large|invalid)$/);
      assert.deepEqual(analyzePolicy(text, options, knowledge).findings, analysis.findings);
      if (analysis.status === 'too_complex') assert.equal(analysis.riskLevel, 'high');
    });
  }
});

describe('two long lists whose product would be the work', () => {
  for (const [name, text] of productDocuments()) {
    test(`${name}: the work is counted, and the document too complex`, () => {
      for (const kind of [undefined, 'identity', 'trust', 'resource'] as const) {
        const analysis = analyzePolicy(text, { ...(kind && { kind }), accountId: '123456789012' }, knowledge);
        if (kind === undefined) assert.equal(analysis.status, 'too_complex');
        assert.match(analysis.status, /^(analyzed|too_complex)$/);
      }
    });
  }

  test('thousands of principals that no Deny tells apart are analyzed as one', () => {
    const analysis = analyzePolicy(
      {
        Statement: [
          { Effect: 'Allow', Action: 's3:*', Principal: { AWS: accounts(1_500) }, Resource: '*' },
          ...Array(400).fill({
            Effect: 'Deny',
            Action: 's3:Put*',
            Principal: '*',
            Resource: '*',
          }),
        ],
      },
      { accountId: '123456789012' },
      knowledge,
    );

    assert.equal(analysis.status, 'analyzed');
    assert.equal(analysis.exposure?.accounts.length, 1_500);
    assert.equal(
      analysis.grants.scopes[0]?.actions.has(knowledge.catalog.idOf('s3:putobject') ?? -1),
      false,
      'what is denied to everybody is left to nobody',
    );
  });
});

test('a Deny under a condition guards what other Denies leave, in any order', () => {
  const allow = { Effect: 'Allow', Action: ['s3:GetObject', 's3:PutObject'], Principal: '*', Resource: '*' };
  const guard = {
    ...allow,
    Effect: 'Deny',
    Action: 's3:GetObject',
    Condition: { StringNotEquals: { 'aws:PrincipalOrgID': 'o-1' } },
  };
  const deny = { ...allow, Effect: 'Deny', Action: 's3:PutObject' };

  for (const statements of [
    [allow, guard, deny],
    [allow, deny, guard],
    [deny, guard, allow],
  ]) {
    const analysis = analyzePolicy({ Statement: statements }, { accountId: '123456789012' }, knowledge);
    assert.deepEqual(analysis.exposure?.organizations, ['o-1']);
    assert.equal(analysis.isPublic, false);
  }
});

test('25 statements of everything are an administrator', () => {
  const statement = { Effect: 'Allow', Action: '*', Resource: '*' };
  assert.equal(analyzePolicy({ Statement: Array(25).fill(statement) }, {}, knowledge).isAdmin, true);
});

test('a document over its budget is too complex, which is a finding of high risk', () => {
  const analysis = analyzePolicy(
    { Statement: { Effect: 'Allow', Action: '*:*a*', Resource: '*' } },
    { budget: 100 },
    knowledge,
  );

  assert.equal(analysis.status, 'too_complex');
  assert.deepEqual(
    analysis.findings.map(({ type, severity }) => [type, severity]),
    [['PolicyTooComplex', 'high']],
  );
});

test('10 MB of white space, 100,000 statements and long lists are too large', () => {
  const statement = { Effect: 'Allow', Action: '*', Resource: '*' };
  const long = 'a'.repeat(10_000);

  for (const document of [
    `${' '.repeat(10_000_000)}{"Statement":[]}`,
    { Statement: Array(100_000).fill(statement) },
    { Statement: { ...statement, Action: Array(100).fill(`s3:${long}`) } },
    { Statement: { ...statement, Resource: Array(100).fill(long) } },
    { Statement: { ...statement, Condition: { StringLike: { k: Array(100).fill(long) } } } },
    { Statement: { ...statement, Principal: { AWS: Array(100).fill(long) } } },
    { Statement: { ...statement, Action: Array(50_000).fill(5) } },
  ]) {
    const analysis = analyzePolicy(document, {}, knowledge);
    assert.equal(analysis.status, 'too_large');
    assert.equal(analysis.riskLevel, 'high');
    assert.equal(analysis.findings[0]?.type, 'PolicyTooLarge');
  }
});

test('limits are options', () => {
  const document = { Statement: Array(3).fill({ Effect: 'Allow', Action: 's3:GetObject', Resource: '*' }) };

  assert.equal(analyzePolicy(document, { maxStatements: 2 }, knowledge).status, 'too_large');
  assert.equal(analyzePolicy(JSON.stringify(document), { maxBytes: 20 }, knowledge).status, 'too_large');
});

test('an exhausted budget matches nothing, and a long match spends it', () => {
  const text = 'a'.repeat(20_000);
  const budget = new Budget(100_000);

  assert.equal(matchesPattern(`*${'a'.repeat(9_000)}b`, text, budget), false);
  assert.equal(budget.isExhausted, true);
});

test('deep documents are hashed and read without end of stack', () => {
  const depth = 20_000;
  const deep = `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;

  assert.equal(canonicalDocumentHash(deep).length, 27);
  assert.equal(canonicalDocumentHash(JSON.parse(deep)).length, 27);
  assert.equal(analyzePolicy(deep, {}, knowledge).status, 'invalid');
  assert.notEqual(canonicalDocumentHash('{"a":1,"a":2}'), canonicalDocumentHash('{"a":2}'));
  assert.notEqual(canonicalDocumentHash(undefined), canonicalDocumentHash('undefined'));
});

test('members named like those of every object are members', () => {
  const document = JSON.parse(
    '{"__proto__":{"Statement":[]},"constructor":1,"Statement":{"Effect":"Allow","Action":"constructor:toString","Resource":"*","Condition":{"__proto__":{"constructor":"x"}}}}',
  );
  assert.equal(analyzePolicy(document, {}, knowledge).status, 'analyzed');
});

test('the kind of a document shows in its principals, resources and actions', () => {
  const allow = { Effect: 'Allow', Action: 's3:GetObject' };
  for (const [statement, kind] of [
    [{ ...allow, Resource: '*' }, 'identity'],
    [{ ...allow, Principal: '*' }, 'resource'],
    [{ ...allow, Principal: '*', Resource: '*' }, 'resource'],
    [{ Effect: 'Allow', Action: 'sts:*', Principal: '*' }, 'trust'],
    [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: '*', Resource: '*' }, 'resource'],
    [{ Effect: 'Allow', Action: '*:Assume*', NotPrincipal: '*' }, 'trust'],
  ] as const) {
    assert.equal(inferKind({ Statement: [statement] }), kind);
  }
  assert.equal(inferKind('x'), 'identity');
});
