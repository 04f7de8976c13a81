import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openapiText } from '../../openapi/document.ts';
import { sampleRecord } from '../helpers/sample-record.ts';
import { buildTestApp, metricOf } from '../helpers/test-app.ts';
import { projectRoot } from '../shared.ts';

const JSON_TYPE = { 'content-type': 'application/json' };

test('answers POST and PUT alike, with exactly the documented headers', async (t) => {
  const app = await buildTestApp(t);
  const payload = `[${sampleRecord(1)},{"a":1}]`;

  const [post, put] = await Promise.all(
    (['POST', 'PUT'] as const).map((method) =>
      app.inject({ method, url: '/v1/enrich', headers: JSON_TYPE, payload }),
    ),
  );

  assert.equal(put?.body, post?.body);
  for (const answer of [post, put]) {
    assert.equal(answer?.statusCode, 200);
    assert.equal(answer?.headers['content-type'], 'application/json');
    assert.equal(answer?.headers['content-length'], String(answer?.rawPayload.length));
    assert.equal(answer?.headers['detrails-records'], '1');
    assert.equal(answer?.headers['detrails-errors'], '1');
    assert.equal(answer?.headers['detrails-degraded'], '0');
    assert.equal(answer?.headers['set-cookie'], undefined);
  }
});

test('understands every query and keeps profiles apart', async (t) => {
  const app = await buildTestApp(t);
  const ask = async (query: string) => {
    const answer = await app.inject({
      method: 'POST',
      url: `/v1/enrich${query}`,
      headers: JSON_TYPE,
      payload: sampleRecord(),
    });
    assert.equal(answer.statusCode, 200, query);
    return answer.body;
  };

  const plain = await ask('');
  for (const same of [
    '?output=merge',
    '?profile=standard',
    '?ecs=true',
    '?explain=false',
    '?output=merge&profile=standard',
  ]) {
    assert.equal(await ask(same), plain, same);
  }
  const explained = JSON.parse(await ask('?explain=true')) as { detrails: Record<string, unknown> };
  assert.ok(explained.detrails['explain'] !== undefined);
  const bare = JSON.parse(await ask('?ecs=false')) as Record<string, unknown>;
  assert.equal(bare['threat'], undefined);
  const enrichments = JSON.parse(await ask('?output=enrichments&ecs=false')) as object;
  assert.deepEqual(Object.keys(enrichments), ['detrails']);
});

test('answers probes in words and with details', async (t) => {
  const app = await buildTestApp(t);
  for (const url of ['/livez', '/readyz', '/healthz']) {
    const answer = await app.inject(url);
    assert.equal(answer.statusCode, 200, url);
    assert.equal(answer.body, 'ok\n', url);
  }
  for (const url of ['/readyz?verbose', '/readyz?verbose=1', '/readyz?x=1&verbose']) {
    const answer = await app.inject(url);
    assert.equal(answer.statusCode, 200, url);
    assert.match(answer.body, /^\[\+\] data actions \S+$/m, url);
    assert.match(answer.body, /\nok\n$/, url);
  }
  assert.equal((await app.inject('/readyz?verbosely')).body, 'ok\n');
});

test('exposes metrics of its own registry', async (t) => {
  const app = await buildTestApp(t);
  await app.inject({
    method: 'POST',
    url: '/v1/enrich',
    headers: JSON_TYPE,
    payload: `[${sampleRecord()},7]`,
  });

  const answer = await app.inject('/metrics');

  assert.equal(answer.statusCode, 200);
  assert.match(String(answer.headers['content-type']), /^text\/plain; version=0\.0\.4/);
  assert.match(answer.body, /^detrails_records_total\{result="ok"\} 1$/m);
  assert.match(answer.body, /^detrails_records_total\{result="error"\} 1$/m);
  assert.match(
    answer.body,
    /^detrails_http_request_duration_seconds_count\{route="\/v1\/enrich",method="POST",status_class="2xx"\} 1$/m,
  );
});

test('shares nothing between two apps of one process', async (t) => {
  const first = await buildTestApp(t);
  const second = await buildTestApp(t);

  await first.inject({ method: 'POST', url: '/v1/enrich', headers: JSON_TYPE, payload: sampleRecord() });

  assert.equal(await metricOf(first, 'detrails_records_total{result="ok"}'), 1);
  assert.equal(await metricOf(second, 'detrails_records_total{result="ok"}'), 0);
  await first.close();
  assert.equal((await second.inject('/livez')).statusCode, 200);
});

test('serves the OpenAPI document and its page', async (t) => {
  const app = await buildTestApp(t);

  const document = await app.inject('/openapi.json');
  const page = await app.inject('/docs');

  assert.match(String(document.headers['content-type']), /^application\/json(;|$)/);
  assert.equal(document.json<{ openapi: string }>().openapi, '3.1.1');
  assert.ok(page.statusCode === 200 || page.statusCode === 302, String(page.statusCode));
  const target = page.statusCode === 302 ? String(page.headers.location) : '/docs';
  const html = await app.inject(new URL(target, 'http://x/').pathname);
  assert.match(String(html.headers['content-type']), /^text\/html/);
});

test('keeps the committed OpenAPI document as the routes say', async () => {
  const committed = readFileSync(join(projectRoot(), 'openapi', 'openapi.json'), 'utf8');

  assert.equal(committed, await openapiText(), 'run `npm run openapi:build` and commit the result');
});

test('answers 404 to what it does not have, and 405 to other methods', async (t) => {
  const app = await buildTestApp(t);
  for (const [method, url] of [
    ['GET', '/'],
    ['POST', '/v1/nothing'],
    ['GET', '/v1/enrich/'],
  ] as const) {
    const answer = await app.inject({ method, url });
    assert.equal(answer.statusCode, 404, url);
    assert.equal(answer.headers['content-type'], 'application/problem+json');
    assert.equal(answer.json<{ code: string }>().code, 'not_found');
  }
  for (const [method, url, allow] of [
    ['GET', '/v1/enrich', 'POST, PUT'],
    ['DELETE', '/v1/enrich?output=merge', 'POST, PUT'],
    ['POST', '/livez', 'GET'],
    ['POST', '/metrics', 'GET'],
  ] as const) {
    const answer = await app.inject({ method, url });
    assert.equal(answer.statusCode, 405, `${method} ${url}`);
    assert.equal(answer.headers.allow, allow);
    assert.equal(answer.json<{ code: string }>().code, 'method_not_allowed');
  }
});

test('tells what is known of an operation', async (t) => {
  const app = await buildTestApp(t);

  const known = await app.inject('/v1/actions/iam.amazonaws.com/CreateUser');
  const unknown = await app.inject('/v1/actions/nobody/Nothing');

  assert.equal(known.statusCode, 200);
  assert.match(known.body, /iam:CreateUser/);
  assert.equal(unknown.statusCode, 404);
  assert.doesNotMatch(unknown.body, /nobody|Nothing/);
});

test("takes the caller's request id when it is a plain one, else gives its own", async (t) => {
  const app = await buildTestApp(t);
  const idFor = async (given: string | undefined) => {
    const headers = { ...JSON_TYPE, ...(given !== undefined && { 'x-request-id': given }) };
    const answer = await app.inject({ method: 'POST', url: '/v1/enrich', headers, payload: 'x' });
    return answer.json<{ request_id: string }>().request_id;
  };

  assert.equal(await idFor('a-B_c.9'), 'a-B_c.9');
  assert.equal(await idFor('x'.repeat(64)), 'x'.repeat(64));
  const own = new Set<string>();
  for (const bad of [undefined, '', 'x'.repeat(65), 'a b', 'a"b', '<script>', '{"a":1}', 'é', 'a\tb']) {
    const id = await idFor(bad);
    assert.match(id, /^[0-9a-f]{8}-[0-9a-z]+$/, JSON.stringify(bad));
    own.add(id);
  }
  assert.equal(own.size, 9, 'each request has its own');
});
