import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { z } from 'zod';
import { projectRoot } from '../shared.ts';
import { cycloneDx, type Lockfile } from './cyclonedx.ts';

const lock = JSON.parse(read('package-lock.json')) as Lockfile;
const manifest = JSON.parse(read('package.json')) as { dependencies: { [name: string]: string } };
const packages = Object.entries(lock.packages).filter(([path]) => path !== '');

test('every locked package has an integrity hash and comes from the public registry', () => {
  assert.equal(lock.lockfileVersion, 3);
  assert.ok(packages.length > 0);
  for (const [path, { integrity, resolved }] of packages) {
    assert.match(integrity ?? '', /^sha512-[A-Za-z0-9+/]{86}==$/, path);
    assert.ok(resolved === undefined || resolved.startsWith('https://registry.npmjs.org/'), path);
  }
});

test('no package at all runs a script when it is installed', () => {
  const scripted = packages.filter(([, { hasInstallScript }]) => hasInstallScript === true);

  assert.deepEqual(scripted, []);
});

test('every dependency is pinned to one version, the one that is locked', () => {
  for (const [name, range] of Object.entries(manifest.dependencies)) {
    assert.match(range, /^\d+\.\d+\.\d+$/, name);
    assert.equal(lock.packages[`node_modules/${name}`]?.version, range, name);
  }
});

test('CONTRIBUTING justifies each runtime dependency, and no other', () => {
  const section = read('CONTRIBUTING.md').split('## Dependencies')[1]?.split('\n## ')[0] ?? '';
  const rows = section.split('\n').filter((line) => line.startsWith('| `'));
  const justified = rows.flatMap((row) => {
    const [, names = '', reason = ''] = row.split('|');
    assert.ok(reason.trim().length > 4, `a reason for ${names}`);
    return [...names.matchAll(/`([^`]+)`/g)].map(([, name]) => name);
  });

  assert.deepEqual(justified.sort(), Object.keys(manifest.dependencies).sort());
});

const licenses = z
  .array(
    z.union([
      z.strictObject({ license: z.strictObject({ id: z.string().min(1) }) }),
      z.strictObject({ expression: z.string().min(1) }),
    ]),
  )
  .length(1);
const purl = z.string().regex(/^pkg:npm\/(%40[a-z0-9~._-]+\/)?[a-z0-9~._-]+@\d[\w.+-]*$/i);

/** What the CycloneDX 1.6 schema asks of the members that we write. */
const bomSchema = z.strictObject({
  bomFormat: z.literal('CycloneDX'),
  specVersion: z.literal('1.6'),
  version: z.literal(1),
  metadata: z.strictObject({
    component: z.strictObject({
      type: z.literal('application'),
      'bom-ref': purl,
      name: z.string().min(1),
      version: z.string().min(1),
      purl,
      licenses,
    }),
  }),
  components: z.array(
    z.strictObject({
      type: z.literal('library'),
      'bom-ref': purl,
      name: z.string().min(1),
      version: z.string().min(1),
      scope: z.enum(['required', 'optional', 'excluded']),
      purl,
      hashes: z.array(
        z.strictObject({ alg: z.literal('SHA-512'), content: z.string().regex(/^[0-9a-f]{128}$/) }),
      ),
      licenses,
      externalReferences: z
        .array(z.strictObject({ type: z.literal('distribution'), url: z.url() }))
        .optional(),
    }),
  ),
  dependencies: z.array(z.strictObject({ ref: purl, dependsOn: z.array(purl) })),
});

test('the bill of materials is CycloneDX, whole, and the same every time', () => {
  const bom = cycloneDx(lock, 'Apache-2.0');

  bomSchema.parse(bom);
  const refs = bom.components.map((component) => component['bom-ref']);
  assert.equal(new Set(refs).size, refs.length, 'references are unique');
  const known = new Set(refs);
  const root = `pkg:npm/${lock.name}@${lock.version}`;
  for (const { ref, dependsOn } of bom.dependencies) {
    assert.ok(known.has(ref) || ref === root, ref);
    for (const needed of dependsOn) assert.ok(known.has(needed), `${ref} needs ${needed}`);
  }
  const direct = bom.dependencies.find(({ ref }) => ref === root)?.dependsOn ?? [];
  assert.equal(direct.length, Object.keys(manifest.dependencies).length);
  assert.ok(
    refs.every((ref) => reachable(bom.dependencies, root).has(ref)),
    'every part is needed by something',
  );
  assert.deepEqual(cycloneDx(lock, 'Apache-2.0'), bom);
});

function reachable(
  dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[],
  root: string,
): ReadonlySet<string> {
  const needs = new Map(dependencies.map(({ ref, dependsOn }) => [ref, dependsOn]));
  const seen = new Set([root]);
  for (const ref of seen) for (const needed of needs.get(ref) ?? []) seen.add(needed);
  return seen;
}

function read(name: string): string {
  return readFileSync(join(projectRoot(), name), 'utf8');
}
