import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { FastifyInstance, InjectOptions, LightMyRequestResponse } from 'fastify';
import { sampleRecord } from '../helpers/sample-record.ts';
import { buildTestApp, capturingLogger, metricOf } from '../helpers/test-app.ts';

/** Issue 2's table of bad input, row by row. */

const SECRET = 'wJalrXUtnFEMI-K7MDENG';
const JSON_TYPE = { 'content-type': 'application/json' };

/** What must hold for every refusal, whatever its reason. */
function assertProblem(answer: LightMyRequestResponse, status: number, code: string, detail?: RegExp): void {
  assert.equal(answer.statusCode, status, answer.body);
  assert.equal(answer.headers['content-type'], 'application/problem+json');
  assert.ok(answer.rawPayload.length <= 1024, 'a problem stays below 1 KiB');
  const problem = answer.json<Record<string, unknown>>();
  assert.equal(problem['code'], code);
  assert.equal(problem['status'], status);
  assert.equal(problem['type'], `urn:detrails:problem:${code}`);
  assert.equal(typeof problem['request_id'], 'string');
  assert.doesNotMatch(answer.body, new RegExp(SECRET), 'input is never echoed');
  if (detail !== undefined) assert.match(`${problem['title']} ${problem['detail']}`, detail);
}

async function post(app: FastifyInstance, payload: string | Buffer, more: InjectOptions = {}) {
  return app.inject({ method: 'POST', url: '/v1/enrich', headers: JSON_TYPE, payload, ...more });
}

for (const [name, payload, code, detail] of [
  ['is not JSON', `hello ${SECRET}`, 'invalid_json', /at byte 0$/],
  ['is cut off', `{"Records":[{"accessKeyId":"${SECRET}`, 'invalid_json', /at byte 49$/],
  ['holds a fault behind a secret', `{"a":"${SECRET}",}`, 'invalid_json', /at byte 29$/],
  ['is empty', '', 'empty_body', undefined],
  ['is white space', ' \n ', 'empty_body', /at byte 3$/],
  ["is Java's text", `{secret=${SECRET}}`, 'java_text', /at byte 1; .*body_format => json/],
] as const) {
  test(`answers 400 to a body that ${name}, and logs nothing of it`, async (t) => {
    const { logger, written } = capturingLogger();
    const app = await buildTestApp(t, {}, { logger });

    const answer = await post(app, payload);

    assertProblem(answer, 400, code, detail);
    assert.doesNotMatch(written(), new RegExp(SECRET));
    assert.doesNotMatch(written(), /hello|Records/);
  });
}

test('logs nothing of the records it enriches, nor of those it refuses', async (t) => {
  const { logger, written } = capturingLogger();
  const app = await buildTestApp(t, {}, { logger });
  const identity = { type: 'IAMUser', accessKeyId: `AKIA${SECRET}`, userName: SECRET };

  await post(
    app,
    `[${sampleRecord(1, { userIdentity: identity })},{"eventName":7,"x":"${SECRET}"},"${SECRET}"]`,
  );

  assert.match(written(), /"msg":"batch"/, 'the batch itself is logged');
  assert.doesNotMatch(written(), new RegExp(SECRET));
});

test('answers 200 to JSON that holds no record', async (t) => {
  const app = await buildTestApp(t);
  for (const [payload, body] of [
    ['7', '7'],
    ['null', 'null'],
    ['[]', '[]'],
    ['{"Records":[]}', '{"Records":[]}'],
    ['"words"', '"words"'],
  ] as const) {
    const answer = await post(app, payload);

    assert.equal(answer.statusCode, 200);
    assert.equal(answer.headers['detrails-records'], '0');
    assert.equal(answer.body, body);
  }
  const object = await post(app, '{"a":1}');
  assert.equal(object.headers['detrails-records'], '0');
  assert.equal(object.headers['detrails-errors'], '1');
  assert.match(object.body, /^\{"a":1,"detrails":\{"schema":"1","error":\{"code":"not_a_record",/);
});

const DEEP = '['.repeat(10_000) + ']'.repeat(10_000);

for (const [name, bad, code] of [
  ['wrong types', '{"eventSource":{},"eventName":[],"userIdentity":7}', 'invalid_record'],
  ['missing names', '{"eventVersion":"1.11"}', 'invalid_record'],
  ['a number for a name', '{"eventSource":"iam.amazonaws.com","eventName":5}', 'invalid_record'],
  ['10^4 nested arrays', `{"eventSource":"a","eventName":"b","requestParameters":${DEEP}}`, 'too_deep'],
  [
    'lone surrogates',
    '{"eventSource":"iam.amazonaws.com","eventName":"\\ud800","userAgent":"\\udc00"}',
    undefined,
  ],
  [
    'a duplicated name',
    '{"eventSource":"iam.amazonaws.com","eventName":"CreateUser","eventName":"DeleteUser"}',
    undefined,
  ],
  [
    '__proto__',
    '{"eventSource":"iam.amazonaws.com","eventName":"CreateUser","__proto__":{"x":1}}',
    undefined,
  ],
  [
    'constructor',
    '{"eventSource":"iam.amazonaws.com","eventName":"constructor","constructor":{"prototype":1}}',
    undefined,
  ],
  [
    'names of JavaScript',
    '{"eventSource":"__proto__","eventName":"toString","userIdentity":{"__proto__":1}}',
    undefined,
  ],
  ['no object', '"text"', 'not_a_record'],
] as const) {
  test(`enriches 999 records beside one with ${name}`, async (t) => {
    const app = await buildTestApp(t);
    const good = Array.from({ length: 999 }, (_none, n) => sampleRecord(n));
    const body = `{"Records":[${[...good.slice(0, 500), bad, ...good.slice(500)].join(',')}]}`;

    const answer = await post(app, body);
    const enrichments = await post(app, body, { url: '/v1/enrich?output=enrichments' });

    assert.equal(answer.statusCode, 200);
    assert.equal(answer.headers['detrails-errors'], code === undefined ? '0' : '1');
    assert.equal(answer.headers['detrails-records'], code === undefined ? '1000' : '999');
    const unenriched = bad.endsWith('}') ? `${bad.slice(0, -1)},"detrails":` : `${bad},`;
    assert.ok(answer.body.includes(unenriched), 'the bad one comes back byte for byte');
    const { enrichments: items } = enrichments.json<{
      enrichments: { detrails: Record<string, object> }[];
    }>();
    assert.equal(items.length, 1000);
    items.forEach(({ detrails }, position) => {
      if (position === 500) assert.equal((detrails['error'] as { code?: string })?.code, code);
      else assert.deepEqual(detrails['action'], items[0]?.detrails['action']);
    });
  });
}

/** Small limits, each under its own name. */
async function limited(t: TestContext): Promise<FastifyInstance> {
  return buildTestApp(t, {
    DETRAILS_MAX_BODY_BYTES: '100000',
    DETRAILS_MAX_DECOMPRESSED_BYTES: '4000000',
    DETRAILS_MAX_DECOMPRESSION_RATIO: '50',
    DETRAILS_MAX_RECORDS: '10',
    DETRAILS_MAX_ENVELOPE_DEPTH: '3',
  });
}

/** Bytes that do not compress, the same in every run. */
function randomLike(length: number): Buffer {
  const bytes = Buffer.alloc(length);
  let state = 1;
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    bytes[i] = state >>> 16;
  }
  return bytes;
}

test('answers 413 naming the limit that was passed', async (t) => {
  const app = await limited(t);
  const zeros = (length: number) => gzipSync(Buffer.alloc(length, ' '), { level: 9 });

  assertProblem(await post(app, ' '.repeat(100_001)), 413, 'too_large', /DETRAILS_MAX_BODY_BYTES/);
  assertProblem(
    await post(app, `[${Array(11).fill('{}').join(',')}]`),
    413,
    'too_many_records',
    /DETRAILS_MAX_RECORDS/,
  );
  assertProblem(await post(app, '[[[[]]]]'), 413, 'too_deep', /DETRAILS_MAX_ENVELOPE_DEPTH/);
  assertProblem(
    await post(app, zeros(3_000_000)),
    413,
    'decompressed_too_large',
    /1048576 bytes, by DETRAILS_MAX_DECOMPRESSION_RATIO/,
  );
  // Forty times larger when unpacked: below the ratio, above the size.
  const dense = gzipSync(Buffer.concat([randomLike(90_000), Buffer.alloc(4_000_000)]));
  assert.ok(dense.length * 50 > 4_000_000 && dense.length < 100_000, `${dense.length}`);
  assertProblem(
    await post(app, dense),
    413,
    'decompressed_too_large',
    /4000000 bytes, by DETRAILS_MAX_DECOMPRESSED_BYTES/,
  );
});

test('unpacks a bomb no further than its limit', async (t) => {
  const app = await limited(t);
  const bomb = gzipSync(gzipSync(Buffer.alloc(200_000_000), { level: 9 }), { level: 9 });
  const before = process.memoryUsage().arrayBuffers;

  const answers = await Promise.all(Array.from({ length: 8 }, () => post(app, bomb)));

  for (const answer of answers) assertProblem(answer, 413, 'decompressed_too_large');
  assert.ok(process.memoryUsage().arrayBuffers - before < 50_000_000);
});

test('answers 415 to content types and encodings it does not read', async (t) => {
  const app = await buildTestApp(t);
  for (const type of [
    'application/xml',
    'multipart/form-data',
    'application/x-www-form-urlencoded',
    'text/html',
  ]) {
    const answer = await post(app, '{}', { headers: { 'content-type': type } });
    assertProblem(answer, 415, 'unsupported_media_type', /application\/json, text\/plain/);
  }
  for (const encoding of ['compress', 'gzip, gzip, gzip', SECRET, '__proto__']) {
    const answer = await post(app, '{}', { headers: { ...JSON_TYPE, 'content-encoding': encoding } });
    assertProblem(answer, 415, 'unsupported_encoding', /gzip, deflate, br/);
  }
});

test('answers 400 to a body that does not decompress', async (t) => {
  const app = await buildTestApp(t);
  for (const encoding of ['gzip', 'deflate', 'br']) {
    const answer = await post(app, `{"a":"${SECRET}"}`, {
      headers: { ...JSON_TYPE, 'content-encoding': encoding },
    });
    assertProblem(answer, 400, 'invalid_encoding');
  }
  const cut = gzipSync(sampleRecord()).subarray(0, 40);
  assertProblem(await post(app, cut), 400, 'invalid_encoding');
});

test('takes unexpanded templates for absent members', async (t) => {
  const app = await buildTestApp(t);

  const answer = await post(
    app,
    sampleRecord(1, { errorCode: '%{[errorCode]}', userIdentity: '%{[userIdentity]}' }),
    {
      url: '/v1/enrich?output=enrichments',
    },
  );

  const { detrails } = answer.json<{ detrails: { action: { outcome: string } } }>();
  assert.equal(detrails.action.outcome, 'success');
  assert.doesNotMatch(answer.body, /%\{/);
});

test('answers 400 to queries it does not know, naming the parameter but not its value', async (t) => {
  const app = await buildTestApp(t);
  for (const [query, detail] of [
    [`output=${SECRET}`, /output/],
    ['profile=all', /profile/],
    ['ecs=yes', /ecs/],
    ['explain=1', /explain/],
    [`${SECRET}=1`, /unknown parameter; known: output, profile/],
    ['__proto__=1', /unknown parameter/],
    ['output=', /output/],
  ] as const) {
    const answer = await post(app, sampleRecord(), { url: `/v1/enrich?${query}` });
    assertProblem(answer, 400, 'invalid_query', detail);
  }
});

test('gives back what a refused request held', async (t) => {
  const app = await limited(t);

  for (const payload of ['x', ' '.repeat(100_001), '[[[[[]]]]]', '[]']) await post(app, payload);

  assert.equal(await metricOf(app, 'detrails_admission_bytes'), 0);
  assert.equal(await metricOf(app, 'detrails_admission_waiting'), 0);
});
