import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { FastifyInstance } from 'fastify';
import { createStore } from '../../src/store/create-store.ts';
import type { Contribution, StoredRecord } from '../../src/store/port.ts';
import { buildTestApp, capturingLogger } from '../helpers/test-app.ts';
import { skipWithoutServer, startServer } from '../store/redis-server.ts';
import { ANALYZED, BAD_REQUESTS, KEY_IDS, leaksIn, PLANTED, RECORDS } from './planted.ts';

type Story = {
  readonly enrichments: string;
  readonly refusals: string;
  readonly metrics: string;
  readonly log: string;
};

/** Sends everything planted to an app that logs at its most talkative, and gathers what comes out. */
async function tell(app: FastifyInstance, written: () => string): Promise<Story> {
  const headers = { authorization: `Bearer ${PLANTED.bearer}`, 'content-type': 'application/json' };
  const post = async (url: string, payload: string) => app.inject({ method: 'POST', url, headers, payload });
  let enrichments = '';
  for (const profile of ['standard', 'full']) {
    const url = `/v1/enrich?output=enrichments&explain=true&profile=${profile}`;
    for (const payload of [
      JSON.stringify({ Records: RECORDS }),
      JSON.stringify(RECORDS),
      JSON.stringify(RECORDS.map((one) => ({ message: JSON.stringify(one) }))),
    ]) {
      const { statusCode, body } = await post(url, payload);
      assert.equal(statusCode, 200);
      enrichments += body;
    }
  }
  const merged = await post('/v1/enrich', JSON.stringify({ Records: RECORDS }));
  assert.ok(leaksIn(merged.body).length >= 5, 'the records came with their secrets, and went back with them');
  const analyzed = await post('/v1/policies/analyze', ANALYZED);
  assert.equal(analyzed.statusCode, 200);
  enrichments += analyzed.body;
  for (const url of [
    '/v1/policies?arn=arn:aws:iam::111122223333:policy/p&version=v1',
    `/v1/sessions/${KEY_IDS[0]}`,
  ])
    enrichments += (await app.inject({ url, headers })).body;

  let refusals = '';
  for (const { url, body } of BAD_REQUESTS) {
    const answer = await post(url, body);
    if (answer.statusCode !== 200) assert.ok(answer.body.length <= 1024, `${url} answers more than 1 KiB`);
    refusals += `${JSON.stringify(answer.headers)} ${answer.body}\n`;
  }
  const metrics = (await app.inject({ url: '/metrics', headers })).body;
  return { enrichments, refusals, metrics, log: written() };
}

function assertNoLeaks(story: Story): void {
  for (const [where, text] of Object.entries(story)) {
    if (where !== 'log') assert.ok(text.length > 100, `something was looked through in ${where}`);
    assert.deepEqual(leaksIn(text), [], where);
  }
}

test('no secret reaches logs, refusals, metrics, enrichments or the memory store', async (t) => {
  const { logger, written } = capturingLogger();
  const contents: string[] = [];
  const keys: string[] = [];
  const store = createStore({
    target: { kind: 'memory' },
    timeoutMs: 25,
    memoryMaxBytes: 1 << 24,
    now: Date.now,
  });
  const keep = (contributions: readonly Contribution[], records: ReadonlyMap<string, StoredRecord>) => {
    contents.push(
      JSON.stringify(contributions),
      JSON.stringify([...records].map(([key, one]) => [key, [...one]])),
    );
    keys.push(...records.keys(), ...contributions.map(({ key }) => key));
  };
  const { local } = store;
  assert.ok(local !== undefined);
  const app = await buildTestApp(
    t,
    {},
    {
      logger,
      store: {
        ...store,
        exchange: async (contributions) => {
          const answer = await store.exchange(contributions);
          keep(contributions, answer.records);
          return answer;
        },
        local: {
          ...local,
          exchangeNow: (contributions) => {
            const records = local.exchangeNow(contributions);
            keep(contributions, records);
            return records;
          },
        },
      },
    },
  );

  assertNoLeaks(await tell(app, written));

  assert.ok(keys.length > 10, 'records were stored');
  assert.deepEqual(leaksIn(contents.join('\n')), [], 'contents of the store');
  assertHashed(keys);
});

test('no secret reaches a real shared store, and keys hold key ids hashed', {
  skip: skipWithoutServer(),
}, async (t: TestContext) => {
  const server = await startServer(t);
  const { logger, written } = capturingLogger();
  const url = `redis://127.0.0.1:${server.port}`;
  const app = await buildTestApp(
    t,
    { DETRAILS_STORE_URL: url, DETRAILS_STORE_TIMEOUT_MS: '5000' },
    { logger },
  );

  assertNoLeaks(await tell(app, written));

  const keys = (await server.command('KEYS', '*')).split('\n');
  assert.ok(keys.length > 5, `records were stored: ${keys.length}`);
  assertHashed(keys);
  for (const key of keys) {
    const type = await server.command('TYPE', key);
    const value = await server.command(...(type === 'hash' ? ['HGETALL', key] : ['GET', key]));
    assert.ok(type === 'hash' || type === 'string', `${type} is looked through`);
    assert.ok(value.length > 0);
    assert.deepEqual(leaksIn(value), [], key);
  }
});

function assertHashed(keys: readonly string[]): void {
  for (const key of keys) for (const id of KEY_IDS) assert.ok(!key.includes(id), `${key} holds a key id`);
}
