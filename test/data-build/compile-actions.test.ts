import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { normalizeLevel } from '../../data/build/actions/access-level.ts';
import { buildActions } from '../../data/build/actions/build.ts';
import { type CompileInput, compileActions } from '../../data/build/actions/compile.ts';
import { type Exceptions, readExceptions } from '../../data/build/actions/exceptions.ts';
import { readIamData } from '../../data/build/actions/iam-data.ts';
import { packServices, type SourceAction, unpackServices } from '../../data/build/actions/source-action.ts';
import { dataPath } from '../../src/knowledge/data-file.ts';
import { readCases } from '../read-cases.ts';
import { projectRoot } from '../shared.ts';

for (const { name, why, input, expected } of readCases<string, string | null>('actions/access-level.json')) {
  test(`normalizes an access level: ${name}`, () => {
    if (expected === null)
      assert.throws(() => normalizeLevel(input, 's:A'), /s:A has an unknown access level/, why);
    else assert.equal(normalizeLevel(input, 's:A'), expected, why);
  });
}

test('builds exactly the committed file', () => {
  assert.equal(buildActions(projectRoot()).text, readFileSync(dataPath('actions.json'), 'utf8'));
});

test('refuses a package with a level it does not know', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'iam-data-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const row = { name: 'Do', accessLevel: 'Admin', resourceTypes: [], dependentActions: [] };
  mkdirSync(join(folder, 'data', 'actions'), { recursive: true });
  writeFileSync(
    join(folder, 'package.json'),
    '{"name":"p","version":"1","updatedAt":"2026-01-01T00:00:00Z"}',
  );
  writeFileSync(join(folder, 'data', 'actions', 's.json'), JSON.stringify({ do: row }));

  assert.throws(() => readIamData(folder), /s:Do has an unknown access level: "Admin"/);
});

test('states evidence and confidence for every exception, each once and in order', () => {
  const { exceptions } = readExceptions(join(projectRoot(), 'data', 'build', 'actions', 'exceptions.json'));
  const { events, none } = exceptions;

  for (const row of [...events, ...none]) {
    assert.ok(['high', 'medium', 'unverified'].includes(row.confidence), row.name);
    assert.ok(
      row.evidence.length > 0 && row.evidence.every((kind) => Object.hasOwn(exceptions.about.evidence, kind)),
    );
  }
  for (const rows of [events, none, exceptions.notes]) {
    const keys = rows.map((row) => `${row.source}:${row.name}`);
    assert.deepEqual(keys, [...new Set(keys)].sort(bySourceThenName));
  }
  const names = new Set(events.map((row) => `${row.source}:${row.name}`));
  assert.deepEqual(
    none.filter((row) => names.has(`${row.source}:${row.name}`)),
    [],
  );
});

function bySourceThenName(a: string, b: string): number {
  const [sourceA = '', nameA = ''] = a.split(':');
  const [sourceB = '', nameB = ''] = b.split(':');
  if (sourceA !== sourceB) return sourceA < sourceB ? -1 : 1;
  return nameA < nameB ? -1 : 1;
}

test('packs actions per service and level and unpacks them again', () => {
  const actions = new Map<string, SourceAction>([
    ['a:List', { level: 'List', restrictable: false, retired: false }],
    ['a:Old', { level: 'Write', restrictable: false, retired: true }],
    ['a:Put', { level: 'Write', restrictable: true, retired: false }],
    ['a-b:Gone', { level: 'Tagging', restrictable: true, retired: true }],
  ]);

  const services = packServices(actions);

  assert.deepEqual(services, {
    a: { names: 'List Old Put', levels: 'lwW', retired: 'Old' },
    'a-b': { names: 'Gone', levels: 'T', retired: 'Gone' },
  });
  assert.deepEqual(unpackServices(services), actions);
});

test('keeps actions that vanished, from an older release and from the committed file', () => {
  const file = compile({
    current: listed('s:Now', 's:A', 's:B'),
    older: listed('s:Older', 's:now'),
    committed: { services: { s: { names: 'Before Committed', levels: 'WW', retired: 'Before' } } },
  });

  assert.deepEqual(file.services['s'], {
    names: 'A B Before Committed Now Older',
    levels: 'WWWWWW',
    retired: 'Before Committed Older',
  });
});

test('revives an action that is listed again', () => {
  const committed = { services: { s: { names: 'Back', levels: 'W', retired: 'Back' } } };

  const file = compile({ current: listed('s:Back'), committed });

  assert.deepEqual(file.services['s'], { names: 'Back', levels: 'W' });
});

test('refuses sources that lost more than two percent of the actions', () => {
  const names = Array.from({ length: 100 }, (_, i) => `s:A${i}`);
  const committed = { services: packServices(listed(...names)) };

  assert.throws(() => compile({ current: listed(...names.slice(0, 97)), committed }), /97 actions where 100/);
  assert.doesNotThrow(() => compile({ current: listed(...names.slice(0, 98)), committed }));
});

test('refuses an exception that maps to an action AWS never listed', () => {
  const exceptions = exceptionsWith({
    events: [{ source: 's', name: 'Do', actions: ['s:Invented'], confidence: 'high', evidence: ['sar'] }],
  });

  assert.throws(() => compile({ exceptions }), /s:Do maps to s:Invented/);
});

test('refuses a name that would break the packed file', () => {
  assert.throws(() => compile({ current: listed('s:Two Words') }), /not an action name/);
});

test('leaves prefixes nobody knows out of the hosts', () => {
  const exceptions = exceptionsWith({
    hosts: { h: { prefixes: ['s', 'unknown'] }, s: { prefixes: ['s'] }, u: { prefixes: ['unknown'] } },
  });

  assert.deepEqual(compile({ exceptions }).hosts, { h: 's' });
});

test('keeps dependents that are actions, from the older release and from our table', () => {
  const file = compile({
    current: listed('s:A', 's:B', 's:C'),
    dependents: new Map([
      ['s:A', ['s:C', 's:Unknown']],
      ['s:Unknown', ['s:A']],
    ]),
    exceptions: exceptionsWith({ dependents: { 's:A': ['s:B'], 's:B': ['s:Unknown'] } }),
  });

  assert.deepEqual(file.dependents, { s: { A: 's:B s:C' } });
});

const PUBLISHED: readonly [why: string, operation: string, authorized: string[], expected: object][] = [
  [
    'the same-named action is primary, the rest conditional',
    's:A',
    ['s:B', 's:A'],
    { conditional: { s: { A: 's:B' } } },
  ],
  ['the same-named action alone needs no row', 's:A', ['s:A'], {}],
  ['a single other action is primary', 's:Do', ['s:B'], { events: { s: { Do: 's:B' } } }],
  ['of several others, one was needed', 's:Do', ['s:A', 's:B'], { any: { s: { Do: 's:A s:B' } } }],
  [
    'our row stands as far as AWS confirms it',
    's:Copy',
    ['s:C', 's:A', 's:B'],
    { events: { s: { Copy: 's:A s:B' } }, conditional: { s: { Copy: 's:C' } } },
  ],
  ['our row falls where AWS does not confirm it', 's:Copy', ['s:C'], { events: { s: { Copy: 's:C' } } }],
  [
    'an operation counts under the hosts of its service',
    'other:Do',
    ['s:A'],
    { events: { host: { Do: 's:A' }, other: { Do: 's:A' } } },
  ],
  ['actions nobody lists are left out', 's:Do', ['x:Unknown'], {}],
];

for (const [why, operation, authorized, expected] of PUBLISHED) {
  test(`reads AWS's operations: ${why}`, () => {
    const ours = operation === 's:Copy';
    const exceptions = exceptionsWith({
      events: ours
        ? [{ source: 's', name: 'Copy', actions: ['s:A', 's:B'], confidence: 'high', evidence: ['sar'] }]
        : [],
      hosts: { host: { prefixes: ['other'] } },
    });

    const file = compile({
      current: listed('s:A', 's:B', 's:C', 'other:X'),
      exceptions,
      operations: new Map([[operation, authorized]]),
    });

    const tables = { events: file.events, any: file.any, conditional: file.conditional };
    assert.deepEqual(tables, { events: {}, any: {}, conditional: {}, ...expected });
  });
}

function compile(input: Partial<CompileInput>): ReturnType<typeof compileActions> {
  return compileActions({
    sources: [],
    current: listed('s:A'),
    older: new Map(),
    dependents: new Map(),
    exceptions: exceptionsWith({}),
    operations: new Map(),
    committed: undefined,
    ...input,
  });
}

function listed(...names: string[]): Map<string, SourceAction> {
  return new Map(names.map((name) => [name, { level: 'Write', restrictable: true, retired: false }]));
}

function exceptionsWith(rows: Partial<Exceptions>): Exceptions {
  return {
    about: { date: '2026-01-01', evidence: { sar: 'x' } },
    eventTypes: {},
    events: [],
    none: [],
    variants: [],
    notes: [],
    hosts: {},
    dependents: {},
    ...rows,
  };
}
