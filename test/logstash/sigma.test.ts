import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { baseRule, readDetections } from '../../logstash/build/detections.ts';
import { detrailsFields } from '../../logstash/build/fields.ts';
import { matchesRule, parseRule } from '../../logstash/build/sigma.ts';
import { kqlOf } from '../../logstash/build/sigma-queries.ts';
import { fieldsOfKql, knownFields } from './known-fields.ts';

const DETECTIONS = readDetections();

describe('the detections', () => {
  const known = knownFields();
  const values = new Map(detrailsFields().map(({ name, values }) => [name, values]));

  for (const rule of DETECTIONS.rules.values()) {
    it(`${rule.name} names only fields that exist`, () => {
      for (const field of [...rule.fields, ...fieldsOfKql(kqlOf(rule))]) assert.ok(known.has(field), field);
    });

    it(`${rule.name} compares only with values that exist`, () => {
      for (const matcher of [...rule.selections.values()].flat(2)) {
        const allowed = values.get(matcher.field) ?? [];
        if (allowed.length === 0) continue;
        for (const value of matcher.values)
          assert.ok(allowed.includes(String(value)), `${matcher.field}: ${value}`);
      }
    });

    it(`${rule.name} does not fire on an event without enrichment`, () => {
      assert.equal(matchesRule(rule, { event: { action: 'GetUser' } }), false);
    });
  }

  it('have ids of their own', () => {
    const ids = [...DETECTIONS.rules.values(), ...DETECTIONS.correlations.values()].map(({ id }) => id);
    assert.equal(new Set(ids).size, ids.length);
    for (const id of ids) assert.match(id, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  });

  it('of several events name a rule and fields that exist', () => {
    for (const correlation of DETECTIONS.correlations.values()) {
      assert.ok(baseRule(DETECTIONS, correlation));
      assert.ok(known.has(correlation.field) && known.has(correlation.groupBy));
    }
  });
});

describe('the Sigma subset', () => {
  const rule = (detection: string) =>
    parseRule('test', `title: t\nid: i\ndescription: d\nlevel: low\ndetection:\n${detection}`);

  it('reads lists as alternatives and maps as conjunctions', () => {
    const parsed = rule('  a:\n    x: [1, 2]\n    y: z\n  condition: a');
    assert.equal(matchesRule(parsed, { x: 2, y: 'Z' }), true);
    assert.equal(matchesRule(parsed, { x: 3, y: 'z' }), false);
    assert.equal(matchesRule(parsed, { x: 1 }), false);
    assert.equal(kqlOf(parsed), 'x: (1 or 2) and y: z');
  });

  it('reads a list of maps as alternatives', () => {
    const parsed = rule('  a:\n    - x: 1\n    - y: 1\n  condition: a');
    assert.equal(matchesRule(parsed, { y: 1 }), true);
    assert.equal(kqlOf(parsed), '(x: 1 or y: 1)');
  });

  it('looks into lists of objects', () => {
    const parsed = rule('  a:\n    x.y: b\n  condition: a');
    assert.equal(matchesRule(parsed, { x: [{ y: ['a'] }, { y: ['b'] }] }), true);
    assert.equal(matchesRule(parsed, { x: [{ y: ['a'] }, 'b'] }), false);
  });

  it('reads not, parentheses and 1 of', () => {
    const parsed = rule(
      '  s_1:\n    x: 1\n  s_2:\n    x: 2\n  f:\n    y: 1\n  condition: 1 of s_* and not (f)',
    );
    assert.equal(matchesRule(parsed, { x: 2 }), true);
    assert.equal(matchesRule(parsed, { x: 2, y: 1 }), false);
    assert.equal(kqlOf(parsed), '(x: 1 or x: 2) and not (y: 1)');
  });

  it('reads modifiers and writes them as wildcards', () => {
    const parsed = rule(
      '  a:\n    x|startswith: arn\n    y|contains: [Role, User]\n    z|gte: 5\n  condition: a',
    );
    assert.equal(matchesRule(parsed, { x: 'arn:aws', y: 'myrole', z: 6 }), true);
    assert.equal(matchesRule(parsed, { x: 'my-arn', y: 'myrole', z: 6 }), false);
    assert.equal(kqlOf(parsed), 'x: arn* and y: (*Role* or *User*) and z >= 5');
  });

  it('reads exists', () => {
    const parsed = rule('  a:\n    x.y|exists: true\n    z|exists: false\n  condition: a');
    assert.equal(matchesRule(parsed, { x: [{ y: 0 }] }), true);
    assert.equal(matchesRule(parsed, { x: [{ y: 0 }], z: 1 }), false);
    assert.equal(matchesRule(parsed, { x: [] }), false);
    assert.equal(kqlOf(parsed), 'x.y: * and not z: *');
  });

  it('refuses what it does not know', () => {
    for (const bad of [
      '  a:\n    x|re: b\n  condition: a',
      '  a:\n    x: b*\n  condition: a',
      '  a:\n    x: b\n  condition: c',
      '  a:\n    x: b\n  condition: a b',
      '  a:\n    x: b\n  condition: (a',
    ]) {
      assert.throws(() => rule(bad));
    }
  });

  it('is not led astray by a field called like a method of objects', () => {
    assert.equal(matchesRule(rule('  a:\n    constructor.name: Object\n  condition: a'), {}), false);
  });
});
