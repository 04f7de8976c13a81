import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { detrailsFields, leafNames } from '../../logstash/build/fields.ts';
import type { Engine, Mapping } from '../../logstash/build/mapping.ts';
import { FREE } from '../../logstash/build/record-fields.ts';
import {
  fieldsTemplate,
  indexTemplate,
  ingestPipeline,
  recordTemplate,
} from '../../logstash/build/templates.ts';

const ENGINES: readonly Engine[] = ['elastic', 'opensearch'];

describe('the mappings', () => {
  for (const engine of ENGINES) {
    it(`of ${engine} hold every field of the output, each with a type`, () => {
      const mapped = leaves(mappingsOf(fieldsTemplate(engine)));

      for (const name of leafNames(detrailsFields())) assert.ok(mapped.has(name), name);
    });

    it(`of ${engine} hold nothing that the output has not`, () => {
      const known = new Set(detrailsFields().map(({ name }) => name));

      for (const name of leaves(mappingsOf(fieldsTemplate(engine))).keys()) {
        assert.ok(known.has(name) || name.startsWith('threat.'), name);
      }
    });

    it(`of ${engine} never grow by themselves`, () => {
      const record = mappingsOf(recordTemplate(engine));
      const fields = mappingsOf(fieldsTemplate(engine)) as { properties: { detrails: Mapping } };

      assert.equal(record['dynamic'], false);
      assert.equal(fields.properties.detrails['dynamic'], false);
    });

    it(`of ${engine} keep objects with free keys in one field each`, () => {
      const mapped = leaves(mappingsOf(recordTemplate(engine)));
      const wanted = engine === 'elastic' ? 'flattened' : 'flat_object';

      for (const name of FREE) assert.equal(mapped.get(`cloudtrail.${name}`)?.['type'], wanted);
    });

    it(`of ${engine} refuse no event for a long or malformed value`, () => {
      const all = [
        ...leaves(mappingsOf(fieldsTemplate(engine))),
        ...leaves(mappingsOf(recordTemplate(engine))),
      ];
      for (const [name, { type, ignore_above: above, ignore_malformed: malformed }] of all) {
        if (type === 'keyword') assert.equal(typeof above, 'number', name);
        if (type === 'ip' || (type === 'date' && name !== '@timestamp')) assert.equal(malformed, true, name);
      }
    });

    it(`of ${engine} use only types that ${engine} has`, () => {
      const types = new Set([...leaves(mappingsOf(fieldsTemplate(engine))).values()].map(({ type }) => type));
      const allowed = new Set([
        'keyword',
        'boolean',
        'long',
        'date',
        'object',
        engine === 'elastic' ? 'flattened' : 'flat_object',
      ]);

      assert.deepEqual(
        [...types].filter((type) => !allowed.has(String(type))),
        [],
      );
    });
  }
});

describe('the index template', () => {
  it('covers the data streams that the pipelines write', () => {
    for (const engine of ENGINES) {
      const { index_patterns: patterns, priority } = indexTemplate(engine);
      assert.deepEqual(patterns, ['logs-cloudtrail.detrails-*', 'logs-cloudtrail.pending-*']);
      assert.ok(Number(priority) > 200, "above Elastic's own templates for logs-*-*");
    }
  });

  it('names a lifecycle only where that is a setting', () => {
    assert.match(JSON.stringify(indexTemplate('elastic')), /index\.lifecycle\.name/);
    assert.doesNotMatch(JSON.stringify(indexTemplate('opensearch')), /lifecycle/);
  });
});

describe('the ingest pipeline', () => {
  it('loses no event to a failing script', () => {
    const { processors } = ingestPipeline() as { processors: { script: { ignore_failure: boolean } }[] };
    assert.ok(processors.every(({ script }) => script.ignore_failure));
  });
});

function mappingsOf(template: Mapping): Mapping {
  return (template as { template: { mappings: Mapping } }).template.mappings;
}

/** Dotted names of the fields with a type. Multi-fields count as part of their field. */
function leaves(mapping: Mapping, parent = ''): Map<string, Mapping> {
  const found = new Map<string, Mapping>();
  const properties = (mapping['properties'] ?? {}) as Readonly<Record<string, Mapping>>;
  for (const [name, of] of Object.entries(properties)) {
    const path = parent === '' ? name : `${parent}.${name}`;
    if (typeof of['type'] === 'string') found.set(path, of);
    else assert.ok(of['properties'], `${path} has neither type nor members`);
    for (const inner of leaves(of, path)) found.set(...inner);
  }
  return found;
}
