import assert from 'node:assert/strict';
import { test } from 'node:test';
import { analyzePolicy } from '../../src/iam/analyze-policy.ts';
import { readDataFile } from '../../src/knowledge/data-file.ts';
import { type EscalationFile, escalationPathsFromFile } from '../../src/knowledge/escalation-paths.ts';
import { catalog, knowledge } from './knowledge.ts';

const file = readDataFile('privilege-escalation.json') as EscalationFile;

test('every path of the file is known to the catalog, once', () => {
  assert.equal(knowledge.escalationPaths.length, file.paths.length);
  assert.equal(new Set(file.paths.map(({ id }) => id)).size, file.paths.length);
  assert.ok(file.paths.filter((path) => path.cloudsplaining !== undefined).length === 59);
});

test('every path is found with all its actions, and not with any one of them missing', () => {
  for (const { id, actions, conditional } of file.paths) {
    const found = pathsOf(actions);
    assert.equal(found.get(id), conditional ? 'conditional' : 'direct', id);
    for (const missing of actions) {
      assert.ok(!pathsOf(actions.filter((one) => one !== missing)).has(id), `${id} without ${missing}`);
    }
  }
});

test('a path over two statements names both', () => {
  const analysis = analyzePolicy(
    {
      Statement: [
        { Sid: 'pass', Effect: 'Allow', Action: 'iam:PassRole', Resource: '*' },
        { Sid: 'other', Effect: 'Allow', Action: 's3:ListBucket', Resource: '*' },
        { Sid: 'run', Effect: 'Allow', Action: 'ec2:RunInstances', Resource: '*' },
      ],
    },
    {},
    knowledge,
  );
  assert.deepEqual(analysis.findings.find(({ path }) => path === 'ec2-001')?.statements, ['pass', 'run']);
});

test('a path with an action the catalog does not know is left out', () => {
  const [path] = file.paths;
  assert.ok(path);
  const strange = { ...path, actions: [...path.actions, 'nosuch:Action'] };
  assert.deepEqual(escalationPathsFromFile({ about: '', paths: [strange] }, catalog), []);
});

function pathsOf(actions: readonly string[]): Map<string, string> {
  const document = { Statement: { Effect: 'Allow', Action: actions, Resource: '*' } };
  const { findings } = analyzePolicy(document, { kind: 'identity' }, knowledge);
  return new Map(
    findings.flatMap(({ path, certainty }) => (path === undefined ? [] : [[path, certainty] as const])),
  );
}
