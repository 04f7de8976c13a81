import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import type { FastifyInstance } from 'fastify';
import { detrailsSchema } from '../../src/enrichment/output.ts';
import { threatSchema } from '../../src/enrichment/threat.ts';
import { assertNothingEmpty } from '../helpers/nothing-empty.ts';
import { buildTestApp } from '../helpers/test-app.ts';
import { projectRoot, sharedPath } from '../shared.ts';

/** Everything that `/v1/enrich` appends is what `output.ts` and `threat.ts` say, and absent means none. */

const QUERIES = ['', '?profile=full', '?explain=true', '?profile=full&explain=true'];
/** Of the corpus that has many files, every so manieth. */
const SAMPLED = 12;
const SAMPLE = join('test', 'fixtures', 'cloudtrail-sample.json');

type Enriched = { readonly detrails?: unknown; readonly threat?: unknown };

const invictus = sharedPath('corpora/invictus.jsonl');
const bench = sharedPath('corpora/bench/AWSLogs');

for (const query of QUERIES) {
  test(`conforms on the sample file with ${query || 'no query'}`, async (t) => {
    const app = await buildTestApp(t);
    const answers = await enrich(app, query, readFileSync(join(projectRoot(), SAMPLE)));
    assert.equal(answers.length, 15);
    for (const answer of answers) assertConforms(answer, query);
    assert.ok(answers.some(({ threat }) => threat !== undefined));
  });

  test(`conforms on an incident with ${query || 'no query'}`, {
    skip: invictus === undefined && '../shared is not here',
  }, async (t) => {
    const app = await buildTestApp(t);
    const answers = await enrich(app, query, readFileSync(invictus ?? ''), 'application/x-ndjson');
    assert.ok(answers.length > 1000, String(answers.length));
    for (const answer of answers) assertConforms(answer, query);
  });

  test(`conforms on a sample of a trail with ${query || 'no query'}`, {
    skip: bench === undefined && '../shared is not here',
  }, async (t) => {
    const app = await buildTestApp(t);
    const files = readdirSync(bench ?? '', { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.json.gz'))
      .sort()
      .filter((_, index) => index % SAMPLED === 0);
    assert.ok(files.length > 10, String(files.length));
    for (const file of files) {
      const body = gunzipSync(readFileSync(join(bench ?? '', file)));
      for (const answer of await enrich(app, query, body)) assertConforms(answer, query);
    }
  });
}

test('explains sections that it answers, and no others, when asked', async (t) => {
  const app = await buildTestApp(t);
  const answers = await enrich(app, '?explain=true', readFileSync(join(projectRoot(), SAMPLE)));
  for (const { detrails } of answers) {
    const { explain } = detrailsSchema.parse(detrails);
    for (const section of ['action', 'risk', 'session']) assert.ok(explain?.[section] !== undefined, section);
    const text = JSON.stringify(explain);
    assert.doesNotMatch(text, /\b(?:AKIA|ASIA)[A-Z0-9]{12,}/);
  }
});

test('the demo prints a row per record', async () => {
  const extension = import.meta.filename.endsWith('.ts') ? '.ts' : '.js';
  const script = join(import.meta.dirname, '..', '..', 'src', `demo${extension}`);

  const { stdout } = await promisify(execFile)(process.execPath, [script], { cwd: projectRoot() });

  const rows = stdout.split('\n').filter((line) => /^2026-03-04T\d\d:\d\d:\d\dZ /.test(line));
  const { Records: records } = JSON.parse(readFileSync(join(projectRoot(), SAMPLE), 'utf8')) as {
    Records: { eventTime: string; eventName: string }[];
  };
  assert.equal(rows.length, records.length);
  for (const [index, { eventTime, eventName }] of records.entries()) {
    assert.ok(rows[index]?.startsWith(eventTime), rows[index]);
    assert.ok(rows[index]?.includes(eventName.slice(0, 30)), rows[index]);
  }
});

async function enrich(
  app: FastifyInstance,
  query: string,
  payload: Buffer,
  type = 'application/json',
): Promise<readonly Enriched[]> {
  const answer = await app.inject({
    method: 'POST',
    url: `/v1/enrich${query}`,
    headers: { 'content-type': type },
    payload,
  });
  assert.equal(answer.statusCode, 200, answer.body.slice(0, 500));
  if (type === 'application/json') return answer.json<{ Records: Enriched[] }>().Records;
  const lines = answer.body.split('\n').filter((line) => line !== '');
  return lines.map((line) => JSON.parse(line) as Enriched);
}

function assertConforms({ detrails, threat }: Enriched, query: string): void {
  const parsed = detrailsSchema.safeParse(detrails);
  assert.ok(parsed.success, `${parsed.error?.message} in ${JSON.stringify(detrails)}`);
  assertNothingEmpty(detrails, 'detrails');
  assert.equal(parsed.data.explain !== undefined, query.includes('explain=true'));
  assert.equal(parsed.data.attack?.ecs, threat === undefined ? undefined : true);
  if (!query.includes('full')) {
    assert.equal(parsed.data.action?.conditional, undefined);
    assert.equal(parsed.data.session?.sources, undefined);
    assert.equal(parsed.data.session?.source_count, undefined);
  }
  if (threat === undefined) return;
  const threatParsed = threatSchema.safeParse(threat);
  assert.ok(threatParsed.success, `${threatParsed.error?.message} in ${JSON.stringify(threat)}`);
  assertNothingEmpty(threat, 'threat');
}
