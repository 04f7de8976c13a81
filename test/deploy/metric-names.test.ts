import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { scoped } from '../../deploy/build/dashboard.ts';
import { allRules, panelQueries } from './committed.ts';
import { type ExposedMetric, exposedMetrics } from './exposed.ts';
import { readPromql } from './promql-names.ts';

/** Labels that Prometheus adds when it scrapes. */
const SCRAPED = ['namespace', 'job', 'instance'];
/** Series of Prometheus's own. */
const FOREIGN = new Map<string, ExposedMetric>([['up', { labels: new Set(), values: new Map() }]]);

describe('rules and dashboards name what the service exposes', () => {
  let known = new Map<string, ExposedMetric>();

  before(async () => {
    known = new Map([...FOREIGN, ...(await exposedMetrics())]);
    for (const { record, expr } of allRules()) {
      if (record === undefined) continue;
      const labels = new Set(readPromql(expr).grouping.filter((label) => label !== 'le'));
      known.set(record, { labels, values: new Map() });
    }
  });

  const queries = [
    ...allRules().map(({ record, alert, expr }) => ({ where: record ?? alert ?? '', expr, legend: '' })),
    ...panelQueries(),
  ];

  for (const { where, expr, legend } of queries) {
    it(`${where}: every metric, label and label value is exposed (${expr.replaceAll(/\s+/g, ' ').slice(0, 60)})`, () => {
      const { selectors, grouping } = readPromql(scoped(expr));

      assert.ok(selectors.length > 0, 'a query asks for something');
      const offered = new Set<string>(SCRAPED);
      for (const { metric, matchers } of selectors) {
        const exposed = known.get(metric);
        assert.ok(exposed !== undefined, `${metric} is not exposed`);
        for (const label of exposed.labels) offered.add(label);
        for (const { label, operator, value } of matchers) {
          assert.ok(exposed.labels.has(label) || SCRAPED.includes(label), `${metric} has no label ${label}`);
          const values = exposed.values.get(label);
          if (operator === '=' && values !== undefined) {
            assert.ok(
              values.has(value),
              `${metric} has no ${label}="${value}", but ${[...values].join(', ')}`,
            );
          }
        }
      }
      for (const label of grouping) assert.ok(offered.has(label), `nothing has the label ${label}`);
      for (const [, label = ''] of legend.matchAll(/\{\{(\w+)\}\}/g)) {
        assert.ok(offered.has(label), `the legend shows a label ${label} that nothing has`);
      }
    });
  }

  it('a wrong metric, label or value would be found', () => {
    const { selectors, grouping } = readPromql(
      'sum by (wrong) (rate(nothing{a="b", c=~"d.*"}[5m])) > 2 * up offset 1w',
    );

    assert.deepEqual(grouping, ['wrong']);
    assert.deepEqual(selectors, [
      {
        metric: 'nothing',
        matchers: [
          { label: 'a', operator: '=', value: 'b' },
          { label: 'c', operator: '=~', value: 'd.*' },
        ],
      },
      { metric: 'up', matchers: [] },
    ]);
  });

  it('every metric of ours is shown or alerted on', () => {
    const named = new Set(
      queries.flatMap(({ expr }) => readPromql(scoped(expr)).selectors.map(({ metric }) => metric)),
    );
    const ours = [...known.keys()].filter((name) => name.startsWith('detrails_'));
    const base = (name: string): string => name.replace(/_(bucket|sum|count)$/, '');
    const namedBases = new Set([...named].map(base));

    assert.deepEqual(
      ours.filter((name) => !namedBases.has(base(name))),
      [],
    );
  });
});
