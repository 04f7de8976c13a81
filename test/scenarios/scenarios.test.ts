import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { FastifyInstance } from 'fastify';

import { readDetections } from '../../logstash/build/detections.ts';
import { buildApp } from '../../src/app.ts';
import { loadConfig } from '../../src/config.ts';
import { detrailsSchema } from '../../src/enrichment/output.ts';
import { assertHolds } from '../contract/subset.ts';
import { type Enrichment, firing, firingGroups, indexed, readScenarios, type Step } from './scenario.ts';

const DETECTIONS = readDetections();

for (const { name, why, steps, correlations, order: delivery } of readScenarios()) {
  describe(`${name}, one event at a time`, () => {
    const answers: Enrichment[] = [];
    let app: FastifyInstance;

    before(async () => {
      app = await buildApp(loadConfig({}));
      for (const { record } of steps) answers.push((await enrich(app, record)) as Enrichment);
    });
    after(() => app.close());

    steps.forEach(({ title, record, expected, detections }, index) => {
      const answer = () => answers[index] as Enrichment;

      it(`${title}: is enriched`, () => {
        assertHolds(answer().detrails, expected);
        assert.ok(detrailsSchema.safeParse(answer().detrails).success, 'is what the output schema says');
      });

      it(`${title}: fires ${detections.join(' and ') || 'nothing'}`, () => {
        assert.deepEqual(firing(DETECTIONS, indexed(record, answer())), [...detections].sort());
      });
    });

    it('fires correlations for those groups alone that should', () => {
      const documents = steps.map(({ record }, index) => indexed(record, answers[index] as Enrichment));
      for (const correlation of DETECTIONS.correlations.values()) {
        const wanted = correlations.filter((one) => one.name === correlation.name).map(({ group }) => group);
        assert.deepEqual(firingGroups(correlation, DETECTIONS, documents), wanted, why);
      }
    });

    it('is the same for an event that is sent again', { skip: delivery === 'matters' }, async () => {
      for (const [index, { record }] of steps.entries()) {
        assert.deepEqual(withoutHindsight(await enrich(app, record)), withoutHindsight(answers[index]));
      }
    });
  });

  if (delivery === 'matters') continue;

  describe(`${name}, as one file`, () => {
    it('fires on the same events', async () => {
      const fired = await firingInOneFile(steps);

      steps.forEach(({ title, detections }, index) => {
        assert.deepEqual(fired[index], [...detections].sort(), title);
      });
    });

    it('fires on the same events in any other order, but that another one may be the first to reveal a source', async () => {
      for (const order of [[...steps].reverse(), interleaved(steps)]) {
        const fired = await firingInOneFile(order);

        order.forEach(({ title, detections }, index) => {
          assert.deepEqual(fired[index]?.filter(isFixed), [...detections].filter(isFixed).sort(), title);
        });
        assert.deepEqual(fired.flat().sort(), steps.flatMap(({ detections }) => detections).sort());
      }
    });
  });
}

/** Rules that fire on what an event is. The other fires once per source, on whichever event comes second. */
function isFixed(rule: string): boolean {
  return rule !== 'key-used-elsewhere';
}

async function firingInOneFile(steps: readonly Step[]): Promise<(readonly string[])[]> {
  const app = await buildApp(loadConfig({}));
  const { enrichments } = (await enrich(app, { Records: steps.map(({ record }) => record) })) as {
    enrichments: Enrichment[];
  };
  await app.close();
  return steps.map(({ record }, index) => [
    ...firing(DETECTIONS, indexed(record, enrichments[index] as Enrichment)),
  ]);
}

async function enrich(app: FastifyInstance, body: unknown): Promise<unknown> {
  const response = await app.inject({
    method: 'POST',
    url: '/v1/enrich?output=enrichments',
    headers: { 'content-type': 'application/json' },
    payload: JSON.stringify(body),
  });
  assert.equal(response.statusCode, 200);
  return response.json();
}

/** Without the two parts that a second look may know better: a session's `unknown` may have become a verdict. */
function withoutHindsight(answer: unknown): unknown {
  const { detrails } = answer as Enrichment;
  const { session, risk, ...rest } = detrails;
  return rest;
}

/** The second half of the story woven into the first. */
function interleaved(steps: readonly Step[]): readonly Step[] {
  const middle = Math.ceil(steps.length / 2);
  return steps.slice(0, middle).flatMap((step, index) => [steps[middle + index] ?? [], step].flat());
}
