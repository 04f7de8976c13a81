import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { dashboardFiles } from '../../logstash/build/dashboard-files.ts';
import type { SavedObject } from '../../logstash/build/saved-objects.ts';
import { fieldsOfKql, knownFields } from './known-fields.ts';

type Line = SavedObject & Readonly<Record<string, unknown>>;

const EXPORTS = [...dashboardFiles()]
  .filter(([path]) => path.endsWith('.ndjson'))
  .map(([path, text]) => ({
    path,
    objects: text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Line),
  }));

/** The counterparts of the original's dashboard, by title. */
const WANTED = [
  'Risk over time by damage kind',
  'ATT&CK: tactics by technique',
  'Access level by principal',
  'Policies that grew: who, which, what was added, power before and after',
  'Keys used from another source: origin and use side by side',
  'Top risky principals',
  'Unknown operations',
];

describe('the saved objects', () => {
  const known = knownFields();

  for (const { path, objects } of EXPORTS) {
    it(`${path}: every reference resolves within the file`, () => {
      const ids = new Set(objects.map(({ type, id }) => `${type}:${id}`));
      for (const { id, references } of objects) {
        for (const reference of references) {
          assert.ok(
            ids.has(`${reference.type}:${reference.id}`),
            `${id} -> ${reference.type}:${reference.id}`,
          );
        }
      }
    });

    it(`${path}: every id is there once`, () => {
      const ids = objects.map(({ type, id }) => `${type}:${id}`);
      assert.equal(new Set(ids).size, ids.length);
    });

    it(`${path}: every field is one that the output or the record has`, () => {
      for (const object of objects) {
        for (const field of fieldsOf(object)) assert.ok(known.has(field), `${object.id}: ${field}`);
      }
    });

    it(`${path}: every object states the version from which an importer migrates it`, () => {
      for (const object of objects) {
        if (path.includes('/elastic/')) {
          assert.ok(object['coreMigrationVersion'] && object['typeMigrationVersion'], object.id);
        } else assert.deepEqual(Object.keys(object['migrationVersion'] as object), [object.type]);
      }
    });
  }

  it('hold every panel of the original, in both products', () => {
    for (const { path, objects } of EXPORTS.filter(({ path }) => path.endsWith('dashboards.ndjson'))) {
      const titles = new Set(objects.map(({ attributes }) => attributes['title']));
      for (const title of WANTED) assert.ok(titles.has(title), `${path}: ${title}`);
    }
  });

  it('place every panel of the dashboard inside the grid and none upon another', () => {
    for (const { objects } of EXPORTS) {
      for (const { attributes, references } of objects.filter(({ type }) => type === 'dashboard')) {
        const panels = JSON.parse(String(attributes['panelsJSON'])) as {
          panelRefName: string;
          gridData: { x: number; y: number; w: number; h: number };
        }[];
        assert.equal(panels.length, references.length);
        const cells = panels.flatMap(({ gridData: { x, y, w, h } }) => {
          assert.ok(x + w <= 48);
          return Array.from({ length: w * h }, (_, cell) => `${x + (cell % w)},${y + Math.floor(cell / w)}`);
        });
        assert.equal(new Set(cells).size, cells.length);
        for (const { panelRefName } of panels) {
          assert.ok(references.some(({ name }) => name.endsWith(panelRefName)));
        }
      }
    }
  });
});

/** Fields of columns, aggregations and queries. */
function fieldsOf({ attributes }: Line): readonly string[] {
  const columns = (attributes['columns'] ?? []) as string[];
  const source = JSON.parse(
    (attributes['kibanaSavedObjectMeta'] as { searchSourceJSON?: string } | undefined)?.searchSourceJSON ??
      '{}',
  ) as { query?: { query?: string; esql?: string } };
  const state = JSON.parse(String(attributes['visState'] ?? '{}')) as {
    aggs?: { params: { field?: string } }[];
  };
  const esql = /KQL\("""(.*)"""\)/.exec(source.query?.esql ?? '')?.[1] ?? '';
  const kept = /\| KEEP (.*)/.exec(source.query?.esql ?? '')?.[1]?.split(', ') ?? [];
  return [
    ...columns,
    ...fieldsOfKql(source.query?.query ?? ''),
    ...fieldsOfKql(esql),
    ...kept.filter((name) => !name.startsWith('_')),
    ...(state.aggs ?? []).flatMap(({ params: { field } }) => field ?? []),
  ];
}
