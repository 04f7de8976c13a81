import assert from 'node:assert/strict';
import { unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { replaceFile, temporaryFolder, testKey } from '../../helpers/key-file.ts';
import { sampleRecord } from '../../helpers/sample-record.ts';
import { capturingLogger, listenTestApp, until } from '../../helpers/test-app.ts';

/** Who is let in, over real sockets. */

const JSON_TYPE = { 'content-type': 'application/json' };
const SCOPES = ['enrich', 'read', 'import', 'metrics'] as const;
const EVERY_ROUTE = [
  ['enrich', 'POST', '/v1/enrich', sampleRecord()],
  ['enrich', 'PUT', '/v1/enrich', sampleRecord()],
  ['read', 'POST', '/v1/policies/analyze', '{"document":{"Statement":[]}}'],
  ['read', 'GET', '/v1/policies?arn=arn:aws:iam::111122223333:policy/p', undefined],
  ['read', 'GET', '/v1/actions/iam.amazonaws.com/CreateUser', undefined],
  ['read', 'GET', '/v1/sessions/ASIAEXAMPLEEXAMPLE11', undefined],
  ['import', 'POST', '/v1/policies/import', '{"Policies":[]}'],
  ['metrics', 'GET', '/metrics', undefined],
] as const;

async function listenWithKeys(t: TestContext, lines: readonly string[], more: Record<string, string> = {}) {
  const file = join(temporaryFolder(t), 'keys');
  replaceFile(file, lines.join('\n'));
  const { logger, written } = capturingLogger();
  const { port } = await listenTestApp(
    t,
    { DETRAILS_AUTH: 'keys', DETRAILS_API_KEYS_FILE: file, DETRAILS_HOST: '0.0.0.0', ...more },
    { logger },
  );
  const ask = async (method: string, path: string, authorization?: string, body?: string) => {
    const headers = { ...JSON_TYPE, ...(authorization !== undefined && { authorization }) };
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, { method, headers, body: body ?? null });
    return { status: answer.status, headers: answer.headers, text: await answer.text() };
  };
  const enrich = async (key: string) =>
    (await ask('POST', '/v1/enrich', `Bearer ${key}`, sampleRecord())).status;
  return { file, ask, enrich, written };
}

test('lets a key in as Bearer and as the password of Basic, and tells others how', async (t) => {
  const { key, line } = testKey('logstash');
  const { ask, written } = await listenWithKeys(t, [line]);
  const basic = (password: string) => `Basic ${Buffer.from(`logstash:${password}`).toString('base64')}`;

  for (const right of [`Bearer ${key}`, basic(key)]) {
    assert.equal((await ask('POST', '/v1/enrich', right, sampleRecord())).status, 200);
  }
  for (const wrong of [undefined, `Bearer ${key}x`, basic('guess'), `Bearer ${line}`, key]) {
    const { status, headers, text } = await ask('POST', '/v1/enrich', wrong, sampleRecord());
    assert.equal(status, 401, wrong);
    assert.match(headers.get('www-authenticate') ?? '', /^Bearer .*Basic /);
    assert.equal(headers.get('content-type'), 'application/problem+json');
    assert.equal((JSON.parse(text) as { code: string }).code, 'unauthorized');
  }
  assert.ok(!written().includes(key), 'no key is logged');
});

test('opens to each scope its own routes and no others', async (t) => {
  const keys = SCOPES.map((scope) => ({ scope, ...testKey(scope, scope) }));
  const { ask } = await listenWithKeys(
    t,
    keys.map(({ line }) => line),
  );

  for (const [needed, method, path, body] of EVERY_ROUTE) {
    assert.equal((await ask(method, path, undefined, body)).status, 401, `${method} ${path} without a key`);
    for (const { scope, key } of keys) {
      const { status, text } = await ask(method, path, `Bearer ${key}`, body);
      const what = `${method} ${path} with ${scope}: ${status}`;
      if (scope === needed) assert.ok(status !== 401 && status !== 403, what);
      else {
        assert.equal(status, 403, what);
        assert.ok(text.includes(`the scope ${needed} is needed`), what);
      }
    }
  }
});

test('leaves probes open, and the documentation to whoever has a key', async (t) => {
  const { key, line } = testKey('any', 'metrics');
  const { ask } = await listenWithKeys(t, [line]);

  for (const path of ['/livez', '/readyz', '/readyz?verbose', '/healthz']) {
    assert.equal((await ask('GET', path)).status, 200, path);
  }
  for (const path of ['/openapi.json', '/docs/']) {
    assert.equal((await ask('GET', path)).status, 401, path);
    assert.equal((await ask('GET', path, `Bearer ${key}`)).status, 200, path);
  }
});

test('answers metrics to everybody on loopback', async (t) => {
  const { ask } = await listenWithKeys(t, [testKey('a').line], { DETRAILS_HOST: '127.0.0.1' });

  const { status, text } = await ask('GET', '/metrics');

  assert.equal(status, 200);
  assert.match(text, /^detrails_access_refused_total\{reason="unknown_key"\} 0$/m);
});

test('counts whom it refused and why', async (t) => {
  const reader = testKey('reader', 'read,metrics');
  const { ask } = await listenWithKeys(t, [reader.line]);
  await ask('POST', '/v1/enrich', undefined, '{}');
  await ask('POST', '/v1/enrich', 'Bearer guess', '{}');
  await ask('POST', '/v1/enrich', `Bearer ${reader.key}`, '{}');

  const { text } = await ask('GET', '/metrics', `Bearer ${reader.key}`);

  for (const reason of ['no_credentials', 'unknown_key', 'missing_scope']) {
    assert.match(text, new RegExp(`^detrails_access_refused_total\\{reason="${reason}"\\} 1$`, 'm'));
  }
});

test('refuses before a byte of the body is read', async (t) => {
  const { ask } = await listenWithKeys(t, [testKey('a').line], { DETRAILS_MAX_BODY_BYTES: '1000' });

  const { status } = await ask('POST', '/v1/enrich', undefined, 'x'.repeat(100_000));

  assert.equal(status, 401, 'and not 413');
});

test('rotates keys without a restart: both count, then the new one alone', async (t) => {
  const old = testKey('logstash-old');
  const fresh = testKey('logstash-new');
  const { file, enrich, written } = await listenWithKeys(t, [old.line]);
  assert.deepEqual([await enrich(old.key), await enrich(fresh.key)], [200, 401]);

  replaceFile(file, `${old.line}\n${fresh.line}`);
  await until(async () => (await enrich(fresh.key)) === 200);
  assert.equal(await enrich(old.key), 200);

  replaceFile(file, fresh.line);
  await until(async () => (await enrich(old.key)) === 401);
  assert.equal(await enrich(fresh.key), 200);
  assert.equal(written().match(/API keys reloaded/g)?.length, 2);
});

test('keeps the keys of before when the file turns bad or goes, and says so', async (t) => {
  const { key, line } = testKey('logstash', 'enrich,metrics');
  const { file, ask, enrich, written } = await listenWithKeys(t, [line]);
  const failed = async () => {
    const { text } = await ask('GET', '/metrics', `Bearer ${key}`);
    return /^detrails_access_reloads_total\{kind="api_keys",result="failed"\} (\d+)$/m.exec(text)?.[1];
  };
  assert.equal(await failed(), '0');

  replaceFile(file, `${line}\nhalf a li`);
  await until(async () => (await failed()) === '1');
  assert.equal(await enrich(key), 200);
  assert.match(written(), /"line":2,"message":"is not name:scopes:sha256-hex"/);

  unlinkSync(file);
  await until(async () => (await failed()) === '2');
  assert.equal(await enrich(key), 200);
});

test('does not start with a bad key file, and names every fault', async (t) => {
  await assert.rejects(listenWithKeys(t, ['a', 'b:c:d']), (error: Error) => {
    assert.match(error.message, /line 1: is not name[\s\S]*line 2: the scopes[\s\S]*line 2: the digest/);
    return true;
  });
});

test('limits the requests of each key by itself, and never probes and metrics', async (t) => {
  const first = testKey('first', 'enrich,metrics');
  const second = testKey('second');
  const { ask, enrich } = await listenWithKeys(t, [first.line, second.line], {
    DETRAILS_RATE_LIMIT_PER_MINUTE: '3',
  });

  assert.deepEqual(
    [await enrich(first.key), await enrich(first.key), await enrich(first.key)],
    [200, 200, 200],
  );
  const refused = await ask('POST', '/v1/enrich', `Bearer ${first.key}`, sampleRecord());
  const other = await ask('POST', '/v1/enrich', `Bearer ${second.key}`, sampleRecord());

  assert.equal(other.headers.get('ratelimit-remaining'), '2', 'answers say what is left');
  assert.equal(refused.status, 429);
  assert.equal((JSON.parse(refused.text) as { code: string }).code, 'rate_limited');
  const retryAfter = Number(refused.headers.get('retry-after'));
  assert.ok(retryAfter >= 1 && retryAfter <= 60, `${retryAfter}`);
  assert.equal(await enrich(second.key), 200, 'another key has its own share');
  assert.equal(await enrich('guess'), 401, 'strangers use up nothing');
  for (let n = 0; n < 5; n++) {
    assert.equal((await ask('GET', '/readyz')).status, 200);
    assert.equal((await ask('GET', '/metrics', `Bearer ${first.key}`)).status, 200);
  }
});

test('limits by address where nobody has to say who it is', async (t) => {
  const { port } = await listenTestApp(t, { DETRAILS_RATE_LIMIT_PER_MINUTE: '2' });
  const statuses: number[] = [];

  for (let n = 0; n < 3; n++) {
    const answer = await fetch(`http://127.0.0.1:${port}/v1/enrich`, {
      method: 'POST',
      headers: JSON_TYPE,
      body: sampleRecord(n),
    });
    await answer.text();
    statuses.push(answer.status);
  }

  assert.deepEqual(statuses, [200, 200, 429]);
});

test('serves metrics on an address of their own when told to, and nothing else there', async (t) => {
  const { logger, written } = capturingLogger();
  const { port } = await listenTestApp(
    t,
    { DETRAILS_METRICS_PORT: '0', DETRAILS_HOST: '0.0.0.0', DETRAILS_AUTH: 'none' },
    { logger },
  );
  const own = /"port":(\d+),"msg":"metrics have a listener of their own"/.exec(written())?.[1];
  const at = (path: string, method = 'GET') => fetch(`http://127.0.0.1:${own}${path}`, { method });

  const scrape = await at('/metrics');
  assert.equal(scrape.status, 200);
  assert.match(scrape.headers.get('content-type') ?? '', /^text\/plain; version=0\.0\.4/);
  assert.match(await scrape.text(), /^detrails_build_info\{/m);
  assert.equal((await at('/v1/enrich', 'POST')).status, 404);
  assert.equal((await fetch(`http://127.0.0.1:${port}/metrics`)).status, 404);
});

test('does not start when the address for metrics is taken', async (t) => {
  const { port } = await listenTestApp(t);

  await assert.rejects(listenTestApp(t, { DETRAILS_METRICS_PORT: String(port) }), { code: 'EADDRINUSE' });
});
