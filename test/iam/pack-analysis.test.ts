import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ActionSet } from '../../src/iam/action-set.ts';
import { decodeSet, encodeSet } from '../../src/iam/action-set-codec.ts';
import { analyzePolicy } from '../../src/iam/analyze-policy.ts';
import { packAnalysis, unpackAnalysis, unpackParsed } from '../../src/iam/pack-analysis.ts';
import { decodeReason, encodeReason } from '../../src/iam/reason-codec.ts';
import { NOTES, REASONS } from '../../src/iam/reasons.ts';
import { readDataFile } from '../../src/knowledge/data-file.ts';
import { type ManagedPoliciesFile, managedPoliciesFromFile } from '../../src/knowledge/managed-policies.ts';
import { knowledge } from './knowledge.ts';

const admin = analyzePolicy({ Statement: { Effect: 'Allow', Action: '*', Resource: '*' } }, {}, knowledge);
const trust = analyzePolicy(
  {
    Statement: {
      Sid: 'line\nfeed "quoted"',
      Effect: 'Allow',
      Action: 'sts:Assume?ole',
      Principal: {
        AWS: ['210987654321', '*'],
        Service: 'ec2.amazonaws.com',
        Federated: 'arn:aws:iam::1:saml-provider/x',
      },
    },
  },
  { accountId: '123456789012' },
  knowledge,
);

test('AdministratorAccess packs to less than a kilobyte, and comes back whole', () => {
  const packed = packAnalysis(admin, knowledge);

  assert.ok(packed.length < 1_024, `${packed.length}`);
  assert.deepEqual(unpackAnalysis(packed, knowledge)?.findings, admin.findings);
});

test('exposure, labels with line feeds and reasons of documents without policy survive', () => {
  const invalid = analyzePolicy('x', {}, knowledge);

  for (const analysis of [trust, invalid]) {
    const packed = packAnalysis(analysis, knowledge);
    const { grants: _, ...expected } = analysis;
    const { grants, ...unpacked } = unpackAnalysis(packed, knowledge) ?? admin;
    assert.ok(!packed.includes('\n'));
    assert.deepEqual(unpacked, expected);
    assert.equal(grants.complete, analysis.grants.complete);
  }
});

test('text of other knowledge, another format or another shape gives undefined', () => {
  const good = JSON.parse(packAnalysis(trust, knowledge)) as { [member: string]: unknown };
  const other = { ...knowledge, escalationPaths: knowledge.escalationPaths.slice(1) };

  assert.equal(unpackAnalysis(packAnalysis(trust, other), knowledge), undefined);
  for (const change of [
    { f: 2 },
    { s: 99 },
    { k: 99 },
    { t: ['x'] },
    { t: [] },
    { t: null },
    { g: [['a', 0, 99]] },
    { d: [['a', 0, 99]] },
    { n: [[99, 0, 0, [], '0', '=[]']] },
    { n: [[0, 99, 0, [], '0', '=[]']] },
    { n: [[0, 0, 0, [], '999', '=[]']] },
    { n: [[0, 0, 0, [], '0', 'px']] },
    { n: [[0, 0, 0, [], '0', 'z']] },
    { n: [[0, 0, 0, [], '0', 'd']] },
    { n: [[0, 0, 0, [], '0', '=x']] },
    { n: 5 },
  ]) {
    assert.equal(unpackParsed({ ...good, ...change }, knowledge), undefined, JSON.stringify(change));
  }
  for (const text of ['', 'null', '5', '[]', '{}', '{"f":1}'])
    assert.equal(unpackAnalysis(text, knowledge), undefined);
});

test('a set takes the shortest of three texts, and any other text is none', () => {
  const sets: readonly (readonly [readonly number[], string])[] = [
    [[], 'r'],
    [Array.from({ length: 100 }, (_, id) => id), 'c'],
    [[3], 'r'],
    [Array.from({ length: 50 }, (_, i) => i * 2), 'b'],
  ];
  for (const [ids, mark] of sets) {
    const set = ActionSet.empty(100);
    for (const id of ids) set.add(id);
    const text = encodeSet(set, 100);
    assert.equal(text[0], mark);
    assert.deepEqual(decodeSet(text, 100)?.ids(), ids);
  }
  for (const text of ['', 'x', 'r1,!', 'r9999', 'c!', 'r-1', 'b_____________________________', 'r1.0']) {
    assert.equal(decodeSet(text, 100), undefined, text);
  }
});

test('a reason is coded by its sentences, and any other one is kept as it is', () => {
  for (const reason of [
    REASONS.Admin,
    REASONS.PrivilegeEscalation + NOTES.condition + NOTES.target,
    NOTES.opaque,
    'Something else.',
    `${REASONS.Admin} Something else.`,
  ]) {
    assert.equal(decodeReason(encodeReason(reason)), reason);
  }
  assert.ok(encodeReason(REASONS.Admin + NOTES.boundary).length < 8);
  for (const code of ['99', '0.9', 'x']) assert.equal(decodeReason(code), undefined);
});

test('the bundle of AWS-managed policies was made with the bundled knowledge', () => {
  const file = readDataFile('managed-policies.json') as ManagedPoliciesFile;
  const bundle = managedPoliciesFromFile(file, knowledge);

  assert.equal(bundle.count, Object.keys(file.policies).length);
  assert.ok(bundle.count > 1_500);
  for (const name of Object.keys(file.policies)) {
    assert.ok(bundle.find(`arn:aws:iam::aws:policy/${name}`), name);
  }
});

test('AdministratorAccess is bundled as an administrator, in every partition', () => {
  const bundle = managedPoliciesFromFile(
    readDataFile('managed-policies.json') as ManagedPoliciesFile,
    knowledge,
  );
  const arn = 'arn:aws:iam::aws:policy/AdministratorAccess';

  assert.equal(bundle.find(arn)?.analysis.isAdmin, true);
  assert.equal(bundle.find(arn), bundle.find(arn));
  assert.ok(bundle.find('arn:aws-us-gov:iam::aws:policy/AdministratorAccess'));
  for (const unknown of [
    '',
    'AdministratorAccess',
    'arn:aws:iam::123456789012:policy/AdministratorAccess',
    'arn:aws:iam::aws:policy/constructor',
  ]) {
    assert.equal(bundle.find(unknown), undefined);
  }
});

test('a bundle of other knowledge answers nothing', () => {
  const file = readDataFile('managed-policies.json') as ManagedPoliciesFile;
  const bundle = managedPoliciesFromFile({ ...file, knowledge: 'other' }, knowledge);
  assert.equal(bundle.find('arn:aws:iam::aws:policy/AdministratorAccess'), undefined);
});
