import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { buildToolKnowledge } from '../../src/context/tools.ts';
import { toolSchema } from '../../src/enrichment/output.ts';
import { enrichTool } from '../../src/enrichment/tool.ts';
import { readDataFile } from '../../src/knowledge/data-file.ts';
import { readCases } from '../read-cases.ts';
import { projectRoot, sharedPath } from '../shared.ts';

const tools = buildToolKnowledge(readDataFile('tools.json'));

for (const { name, why, input, expected } of readCases<string, object | null>('context/tools.json')) {
  test(`recognizes ${name}`, () => {
    const tool = enrichTool(input, tools);

    assert.deepEqual(tool ?? null, expected, why);
    if (tool !== undefined) toolSchema.parse(tool);
  });
}

test('every mask of Pacu is recognized as one, and as nothing stronger', () => {
  const { agents } = JSON.parse(
    readFileSync(join(projectRoot(), 'data', 'build', 'tools', 'pacu-masks.json'), 'utf8'),
  ) as { agents: string[] };

  assert.equal(agents.length, 58);
  for (const agent of agents) {
    const tool = tools.recognize(agent);
    assert.deepEqual([tool?.name, tool?.confidence, tool?.signals], ['Pacu', 'low', ['pacu_mask']], agent);
  }
});

test('an agent seen again is answered by the same frozen object', () => {
  const agent = 'aws-cli/2.15.0 exec-env/CloudShell';

  const tool = tools.recognize(agent);

  assert.equal(tools.recognize(`${agent} `.slice(0, -1)), tool);
  assert.ok(Object.isFrozen(tool) && Object.isFrozen(tool?.signals));
});

test('no agent means no tool', () => {
  assert.equal(enrichTool(undefined, tools), undefined);
});

test('only the first KiB of an agent is read', () => {
  const padding = 'x'.repeat(1024);

  assert.equal(tools.recognize(`${padding} stratus-red-team_`), undefined);
  assert.equal(tools.recognize(`stratus-red-team_ ${padding}`)?.name, 'Stratus Red Team');
});

test('hostile agents are answered like any other', () => {
  for (const agent of [
    '\ud800',
    '[',
    ']',
    '[]',
    'aws-cli/'.repeat(5000),
    '(((('.repeat(999),
    '__proto__',
    '\0\u2028',
  ]) {
    assert.doesNotThrow(() => tools.recognize(agent));
  }
});

const corpus = sharedPath('corpora/invictus.jsonl');
test('of a recorded attack, exactly the 1,146 records whose agent names Stratus Red Team carry it', {
  skip: corpus === undefined && 'shared/ is not here',
}, () => {
  const agents = readFileSync(corpus ?? '', 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => (JSON.parse(line) as { userAgent?: string }).userAgent);

  const carrying = agents.filter((agent) => enrichTool(agent, tools)?.name === 'Stratus Red Team');
  const naming = agents.filter((agent) => agent?.includes('stratus-red-team') === true);
  assert.equal(carrying.length, 1146);
  assert.deepEqual(carrying, naming);
});
