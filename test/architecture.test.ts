import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Rules, type SourceFile, violations } from './helpers/architecture.ts';
import { readCases } from './read-cases.ts';
import { projectRoot } from './shared.ts';

const rules = JSON.parse(
  readFileSync(join(projectRoot(), 'test', 'cases', 'architecture', 'rules.json'), 'utf8'),
) as Rules;

function sources(): SourceFile[] {
  const root = join(projectRoot(), 'src');
  return (readdirSync(root, { recursive: true }) as string[])
    .filter((path) => path.endsWith('.ts'))
    .map((path) => ({ path: path.replaceAll('\\', '/'), source: readFileSync(join(root, path), 'utf8') }));
}

test('every room knows only those it may know, and pure rooms are pure', () => {
  const files = sources();

  assert.ok(files.length > 100, 'the sources were found');
  assert.deepEqual(violations(files, rules), []);
});

test('no rule is about a room or an exception that is gone', () => {
  const paths = sources().map(({ path }) => path);
  const rooms = new Set(paths.map((path) => path.split('/')[0]?.replace(/\.ts$/, '')));

  for (const [room, { knows, exceptions = {} }] of Object.entries(rules)) {
    assert.ok(rooms.has(room), room);
    for (const known of knows) assert.ok(rooms.has(known) || paths.includes(known), `${room} knows ${known}`);
    for (const path of Object.keys(exceptions)) assert.ok(paths.includes(path), path);
  }
});

test('no two rooms know each other, however far around', () => {
  const reachable = (from: string, seen = new Set<string>()): Set<string> => {
    for (const known of rules[from]?.knows ?? []) {
      const room = known.split('/')[0] ?? known;
      if (seen.has(room)) continue;
      seen.add(room);
      reachable(room, seen);
    }
    return seen;
  };

  for (const room of Object.keys(rules)) assert.equal(reachable(room).has(room), false, room);
});

for (const { name, why, input, expected } of readCases<SourceFile, readonly string[]>(
  'architecture/violations.json',
)) {
  test(`the checker judges ${name}`, () => {
    assert.deepEqual(violations([input], rules), expected, why);
  });
}
