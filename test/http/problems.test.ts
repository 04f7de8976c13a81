import assert from 'node:assert/strict';
import { test } from 'node:test';
import Fastify from 'fastify';
import { PROBLEMS, type ProblemCode, ProblemError, problemOf } from '../../src/errors.ts';
import { answerFrameworkProblem, answerProblems } from '../../src/http/problems.ts';

/** A service that fails in one way. */
function failing(error: unknown) {
  const app = Fastify({ frameworkErrors: answerFrameworkProblem, routerOptions: { maxParamLength: 9 } });
  answerProblems(app);
  app.get('/fail/:how', async () => {
    throw error;
  });
  return app;
}

test('answers what Fastify refuses before routing without echoing the URL', async (t) => {
  const app = failing(undefined);
  t.after(() => app.close());
  for (const url of ['/%', '/secret%zz', `/fail/${'secret'.repeat(9)}`]) {
    const answer = await app.inject(url);

    assert.equal(answer.statusCode, 404, url);
    assert.equal(answer.headers['content-type'], 'application/problem+json');
    assert.doesNotMatch(answer.body, /secret|%/);
  }
});

test('answers every code of the catalogue with its status and less than 1 KiB', async (t) => {
  for (const code of Object.keys(PROBLEMS) as ProblemCode[]) {
    const app = failing(new ProblemError(code, 'some detail', 7));
    t.after(() => app.close());

    const answer = await app.inject('/fail/x');

    assert.equal(answer.statusCode, PROBLEMS[code].status);
    assert.equal(answer.headers['retry-after'], '7');
    assert.equal(answer.headers['www-authenticate'] !== undefined, PROBLEMS[code].status === 401);
    assert.ok(answer.rawPayload.length < 1024);
    const { request_id: _id, ...problem } = answer.json<Record<string, unknown>>();
    assert.deepEqual(problem, problemOf(code, 'some detail'));
  }
});

test('keeps the words of a defect to itself', async (t) => {
  for (const error of [
    new Error('secret'),
    new TypeError('secret'),
    Object.assign(new Error('secret'), { statusCode: 418 }),
  ]) {
    const app = failing(error);
    t.after(() => app.close());

    const answer = await app.inject('/fail/x');

    assert.equal(answer.statusCode, 500);
    assert.equal(answer.json<{ code: string }>().code, 'internal');
    assert.doesNotMatch(answer.body, /secret/);
  }
});

test("answers somebody's rate limit in our words", async (t) => {
  const app = failing(Object.assign(new Error('secret'), { statusCode: 429 }));
  t.after(() => app.close());

  const answer = await app.inject('/fail/x');

  assert.equal(answer.statusCode, 429);
  assert.equal(answer.json<{ code: string }>().code, 'rate_limited');
});
