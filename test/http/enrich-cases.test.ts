import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { FastifyInstance, LightMyRequestResponse } from 'fastify';
import type { RecordErrorCode } from '../../src/cloudtrail/record-error.ts';
import { errorText } from '../../src/enrichment/serialize.ts';
import { bodyOf, type DecodeCase, decodeCases, LIMITS, mergedOf } from '../helpers/decode-cases.ts';
import { buildTestApp } from '../helpers/test-app.ts';

/** Every decode case over HTTP, in both outputs: the edge and the pipeline add nothing and lose nothing. */

const TYPES = { always: 'application/x-ndjson', maybe: 'text/plain', never: 'application/json' };

const apps = new Map<string, Promise<FastifyInstance>>();

test('answers every decode case in both outputs', async (t) => {
  for (const one of decodeCases()) await t.test(one.name, () => assertAnswers(t, one));
});

async function assertAnswers(t: TestContext, one: DecodeCase): Promise<void> {
  const app = await appWith(t, { ...LIMITS, ...one.input.limits });
  const ask = (output: string) =>
    app.inject({
      method: 'POST',
      url: `/v1/enrich?output=${output}`,
      headers: { 'content-type': TYPES[one.input.declared ?? 'never'] },
      payload: bodyOf(one.input),
    });

  const merged = await ask('merge');
  const enrichments = await ask('enrichments');

  if (one.expected.fault !== undefined) {
    for (const answer of [merged, enrichments]) assertProblem(answer, one);
    return;
  }
  const items = itemsOf(enrichments, one);
  const answers = answersOf(one);
  const errors = answers.filter((answer) => answer.startsWith('!'));
  for (const answer of [merged, enrichments]) {
    assert.equal(answer.statusCode, 200);
    const type = one.expected.format === 'ndjson' ? 'application/x-ndjson' : 'application/json';
    assert.equal(answer.headers['content-type'], type);
    assert.equal(answer.headers['detrails-records'], String(answers.length - errors.length));
    assert.equal(answer.headers['detrails-degraded'], '0');
  }
  assert.deepEqual(
    items.map(errorCode),
    answers.map((answer) => (answer.startsWith('!') ? answer.slice(1) : undefined)),
  );
  assert.equal(merged.body, mergedWith(mergedOf(one), items));
}

function answersOf({ expected }: DecodeCase): readonly string[] {
  return expected.documents?.flatMap(({ answers }) => answers) ?? [];
}

function errorCode(item: object): string | undefined {
  const { detrails } = item as { detrails: { error?: { code: string }; action?: object } };
  assert.equal(
    detrails.error === undefined,
    detrails.action !== undefined,
    'enriched, or the reason why not',
  );
  return detrails.error?.code;
}

/** The items of the answer; the shape of each document decides how they are wrapped. */
function itemsOf(answer: LightMyRequestResponse, { expected }: DecodeCase): object[] {
  const documents = (expected.documents ?? []).filter(({ broken, answers }) => !broken || answers.length > 0);
  const texts = expected.format === 'ndjson' ? answer.body.split('\n') : [answer.body];
  if (expected.format === 'ndjson') assert.equal(texts.pop(), '', 'every line ends');
  assert.equal(texts.length, documents.length);
  return documents.flatMap(({ shape }, position) => {
    const parsed = JSON.parse(texts[position] ?? '') as { enrichments?: object[] };
    assert.deepEqual(Object.keys(parsed).includes('enrichments'), shape === 'list');
    return parsed.enrichments ?? [parsed];
  });
}

/** The merged text with the members of items in the place of `"detrails":"@n"`. */
function mergedWith(template: string, items: readonly object[]): string {
  return template.replace(/"detrails":"@(\w+)"/g, (_all, name: string) => {
    const item = items[Number(name)];
    return item === undefined
      ? `"detrails":${errorText(name as RecordErrorCode)}`
      : JSON.stringify(item).slice(1, -1);
  });
}

function assertProblem(answer: LightMyRequestResponse, { expected, why }: DecodeCase): void {
  const { code, offset } = expected.fault ?? {};
  const problem = answer.json<{ status: number; code: string; detail?: string }>();
  assert.equal(answer.headers['content-type'], 'application/problem+json');
  assert.equal(answer.statusCode, code?.startsWith('too_') ? 413 : 400, why);
  assert.equal(problem.code, code, why);
  if (offset !== undefined) assert.match(problem.detail ?? '', new RegExp(`at byte ${offset}\\b`));
}

function appWith(t: TestContext, limits: typeof LIMITS): Promise<FastifyInstance> {
  const key = JSON.stringify(limits);
  const app =
    apps.get(key) ??
    buildTestApp(t, {
      DETRAILS_MAX_RECORDS: String(limits.maxRecords),
      DETRAILS_MAX_DEPTH: String(limits.maxDepth),
      DETRAILS_MAX_ENVELOPE_DEPTH: String(limits.maxEnvelopeDepth),
    });
  apps.set(key, app);
  return app;
}
