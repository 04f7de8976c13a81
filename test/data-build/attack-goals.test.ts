import assert from 'node:assert/strict';
import { test } from 'node:test';
import { idsOutside, missedGaps, reachOf } from '../../data/build/report/coverage.ts';
import { measureNoise } from '../../data/build/report/noise.ts';
import { loadActions } from '../../src/knowledge/actions.ts';
import { loadAttack } from '../../src/knowledge/attack.ts';
import { sharedPath } from '../shared.ts';

const actions = loadActions();
const attack = loadAttack('19.1');
const skip =
  (sharedPath('corpora/bench') === undefined || sharedPath('reference/attack') === undefined) &&
  'shared/ is not here';

test('the mapping reaches a fifth of what writes and four fifths of permissions management', () => {
  const writes = reachOf('write-like together', actions, attack);
  const permissions = reachOf('Permissions management', actions, attack);

  assert.ok(writes.reached / writes.all >= 0.2, JSON.stringify(writes));
  assert.ok(permissions.reached / permissions.all >= 0.8, JSON.stringify(permissions));
  assert.equal(idsOutside(attack), 0);
});

test('the mapping reaches nine tenths of the impairing calls that no public source maps', { skip }, () => {
  const impairing = missedGaps(actions, attack)?.['missingImpair'];

  assert.ok(impairing !== undefined);
  assert.ok(impairing.missed.length / impairing.all <= 0.1, impairing.missed.join());
});

test('ordinary traffic is hardly marked, attack runs are', { skip }, () => {
  const figures = measureNoise(actions, attack);

  assert.ok(figures !== undefined);
  assert.equal(figures.services.marked, 0);
  assert.equal(figures.reads.marked, 0);
  for (const { all, marked } of [figures.writes, figures.declaredWrites])
    assert.ok(marked / all < 0.1, `${marked} of ${all}`);
  assert.ok(figures.missedSteps.length / figures.steps <= 0.1, figures.missedSteps.join());
});
