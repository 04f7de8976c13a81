import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PolicyKnowledge } from '../../src/iam/analysis.ts';
import { analyzePolicy } from '../../src/iam/analyze-policy.ts';
import { readDataFile } from '../../src/knowledge/data-file.ts';
import { resourceTypesFromFile } from '../../src/knowledge/resource-types.ts';
import { type RiskFile, riskCategoriesFromFile } from '../../src/knowledge/risk-categories.ts';
import { smallCatalog } from './catalog.ts';
import { catalog, idOf, knowledge } from './knowledge.ts';

const risk = readDataFile('risk.json') as RiskFile;

test('the analysis works over any catalog, without identity actions and resource types too', () => {
  const small = smallCatalog(['a:One', 'a:Two°', 'b:Three', 'b:Gone†']);
  const little: PolicyKnowledge = {
    catalog: small,
    risk: riskCategoriesFromFile(risk, small),
    escalationPaths: [],
  };
  const wide = analyzePolicy(
    { Statement: { Effect: 'Allow', Action: ['a:*', 'B:thre?'], Resource: '*' } },
    {},
    little,
  );
  const narrow = analyzePolicy(
    { Statement: { Effect: 'Allow', Action: '*', Resource: 'arn:aws:a:*:*:*' } },
    {},
    little,
  );

  assert.equal(wide.isAdmin, true);
  assert.deepEqual(
    narrow.grants.direct.ids().map((id) => small.names[id]),
    ['a:Two'],
  );
  assert.equal(
    analyzePolicy({ Statement: { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: '*' } }, {}, little)
      .isPublic,
    false,
  );
});

test('an action in several classes does all their damage at the highest base', () => {
  const levels = risk.levels;
  const small = smallCatalog(['a:One', 'a:DeleteTwo', 'a:Three']);
  const file: RiskFile = {
    about: '',
    levels,
    verbs: risk.verbs,
    not_exposure: { reads: ['a:Three', 'no:Such'], writes: [] },
    classes: [
      { reason: 'first', damage: ['data_exfiltration'], base: 5, actions: ['a:One'] },
      { reason: 'second', damage: ['resource_exposure'], base: 40, actions: ['a:One', 'no:Such'] },
      { reason: 'third', damage: [], base: 40, actions: ['a:One'] },
    ],
  };
  const categories = riskCategoriesFromFile(file, small);
  const seen = small.names.map((_, id) => [
    categories.damage[id],
    categories.base[id],
    categories.reasonCodes[categories.reason[id] ?? 0],
  ]);

  assert.deepEqual(seen, [
    [0b10000, 22, 'deletes'],
    [0b10110, 40, 'second'],
    [0, 4, 'reads'],
  ]);
});

test('the bundled data says what AWS says of well-known actions', () => {
  const of = (name: string): unknown => [
    knowledge.risk.damage[idOf(name)],
    knowledge.risk.reasonCodes[knowledge.risk.reason[idOf(name)] ?? 0],
  ];

  assert.deepEqual(of('cloudtrail:StopLogging'), [0b110000, 'stops_audit_logging']);
  assert.deepEqual(of('sts:AssumeRole'), [0b011000, 'assumes_or_mints_a_session']);
  assert.deepEqual(of('s3:ListBucket'), [0, 'lists']);
  assert.ok(knowledge.risk.base.every((base) => base <= 100));
});

test('resource types name what an action needs, all or any of it', () => {
  const types = resourceTypesFromFile(
    {
      about: '',
      formats: ['arn:*:a:::x/*', 'arn:*:a:::y/*'],
      services: { iam: { '0,1': 'PassRole', '?1': 'CreateUser NoSuchAction' } },
    },
    catalog,
  );
  const analyze = (resource: string | string[], action: string): number =>
    analyzePolicy(
      { Statement: { Effect: 'Allow', Action: action, Resource: resource } },
      {},
      { ...knowledge, resourceTypes: types },
    ).grants.direct.size;

  assert.equal(analyze('arn:aws:a:::x/*', 'iam:PassRole'), 0);
  assert.equal(analyze(['arn:aws:a:::x/*', 'arn:aws:a:::y/*'], 'iam:PassRole'), 1);
  assert.equal(analyze('arn:aws:a:::y/*', 'iam:CreateUser'), 1);
  assert.equal(analyze('arn:aws:a:::y/*', 'iam:CreateGroup'), 0);
});
