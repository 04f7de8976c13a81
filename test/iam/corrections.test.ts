import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { readCases } from '../read-cases.ts';
import { projectRoot } from '../shared.ts';
import { type PolicyCase, runPolicyCase } from './run-case.ts';

/** Each correction of Cloudsplaining's semantics, shown on one document with its reference. */

type Correction = PolicyCase & { readonly class: string };
const corrections = readCases('iam/corrections.json') as readonly Correction[];

describe('corrections of Cloudsplaining', () => {
  for (const one of corrections) test(`${one.class}: ${one.name}`, () => runPolicyCase(one));
});

test('every class that may explain a difference has a case of its own', () => {
  const source = ['corrections.ts', 'cloudsplaining.test.ts']
    .map((file) => readFileSync(join(projectRoot(), 'test/iam', file), 'utf8'))
    .join('\n');
  const named = new Set([...source.matchAll(/'([a-z]+(?:_[a-z]+)+)'/g)].map(([, name]) => name ?? ''));
  const shown = new Set(corrections.map((one) => one.class));

  assert.deepEqual([...named].filter((name) => !shown.has(name)).sort(), []);
  assert.deepEqual([...shown].filter((name) => !named.has(name)).sort(), []);
});
