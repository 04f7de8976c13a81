import assert from 'node:assert/strict';
import { request as httpRequest } from 'node:http';
import { type TestContext, test } from 'node:test';
import type { ProblemError } from '../../src/errors.ts';
import { Admission } from '../../src/http/admission.ts';
import { sampleRecord } from '../helpers/sample-record.ts';
import { listenTestApp, metricOf, until } from '../helpers/test-app.ts';

/** An admission whose waits end when the test says so. */
function admissionOf(t: TestContext, maxBytes: number, maxWaitMs: number) {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const admission = new Admission(maxBytes, maxWaitMs);
  const log: string[] = [];
  const enter = (name: string, bytes: number): (() => void) =>
    admission.enter(bytes, (problem?: ProblemError) =>
      log.push(problem === undefined ? name : `${name} ${problem.code} ${problem.retryAfter}`),
    );
  return { admission, log, enter };
}

test('lets requests in while there is room', (t) => {
  const { admission } = admissionOf(t, 100, 1000);

  assert.ok(admission.tryEnter(60) && admission.tryEnter(40));
  assert.equal(admission.tryEnter(1), false);
  assert.equal(admission.bytes, 100);
});

test('lets one request in however large it is', (t) => {
  const { admission } = admissionOf(t, 100, 1000);

  assert.ok(admission.tryEnter(5000));
  assert.equal(admission.tryEnter(1), false);
});

test('lets waiting requests in, in order, as room comes', (t) => {
  const { admission, log, enter } = admissionOf(t, 100, 1000);
  admission.tryEnter(100);
  enter('a', 50);
  enter('b', 60);
  enter('c', 1);

  admission.leave(40);
  assert.deepEqual(log, [], 'a does not fit yet, and nobody overtakes it');
  admission.leave(60);
  assert.deepEqual(log, ['a'], 'b does not fit beside a, and c does not overtake b');
  assert.equal(admission.tryEnter(1), false, 'newcomers wait behind those who wait');
  admission.leave(50);

  assert.deepEqual(log, ['a', 'b', 'c']);
  assert.equal(admission.bytes, 61);
  assert.equal(admission.waiting, 0);
});

test('refuses a request whose wait was too long, and says when to come again', (t) => {
  const { admission, log, enter } = admissionOf(t, 100, 1500);
  admission.tryEnter(100);
  enter('a', 10);

  t.mock.timers.tick(1499);
  assert.deepEqual(log, []);
  t.mock.timers.tick(1);

  assert.deepEqual(log, ['a overloaded 2']);
  assert.equal(admission.waiting, 0);
  admission.leave(100);
  assert.deepEqual(log, ['a overloaded 2'], 'who was refused is not let in later');
  assert.equal(admission.bytes, 0);
});

test('lets those behind a refused request in when they fit', (t) => {
  const { admission, log, enter } = admissionOf(t, 100, 1000);
  admission.tryEnter(60);
  enter('large', 90);
  t.mock.timers.tick(500);
  enter('small', 40);

  t.mock.timers.tick(500);

  assert.deepEqual(log, ['small', 'large overloaded 1']);
});

test('forgets a request whose client left, and lets those behind it in', (t) => {
  const { admission, log, enter } = admissionOf(t, 100, 1000);
  admission.tryEnter(60);
  const leave = enter('gone', 90);
  enter('next', 40);

  leave();
  leave();
  t.mock.timers.tick(5000);

  assert.deepEqual(log, ['next']);
  assert.equal(admission.bytes, 100);
});

test('keeps a later request waiting while an earlier one is in work, and refuses it in the end', async (t) => {
  const { app, port } = await listenTestApp(t, {
    DETRAILS_MAX_BODY_BYTES: '1000',
    DETRAILS_ADMISSION_BYTES: '1000',
    DETRAILS_ADMISSION_WAIT_MS: '40',
  });
  const body = sampleRecord();
  // The first declares 900 bytes and sends none for now: it is in work.
  const slow = open(port, 900);
  slow.request.write('[');
  await until(async () => (await metricOf(app, 'detrails_admission_bytes')) > 0);

  const refused = await send(port, body);

  assert.equal(refused.status, 503);
  assert.equal(refused.headers['retry-after'], '1');
  assert.match(refused.body, /"code":"overloaded"/);

  slow.request.end(`${body},${' '.repeat(900 - body.length - 5)}{}]`.padStart(899));
  assert.equal((await slow.answer).status, 200);
  assert.equal((await send(port, body)).status, 200, 'room came back');
  assert.equal(await metricOf(app, 'detrails_admission_bytes'), 0);
});

test('gives back what a client held that broke off', async (t) => {
  const { app, port } = await listenTestApp(t, {
    DETRAILS_MAX_BODY_BYTES: '1000',
    DETRAILS_ADMISSION_BYTES: '1000',
  });
  const slow = open(port, 900);
  slow.request.write('[');
  await until(async () => (await metricOf(app, 'detrails_admission_bytes')) > 0);

  slow.request.destroy();

  await assert.rejects(slow.answer);
  await until(async () => (await metricOf(app, 'detrails_admission_bytes')) === 0);
});

test('lets a small body in while a large one holds all the room', async (t) => {
  const bound = String(32_768 * 1000);
  const { app, port } = await listenTestApp(t, {
    DETRAILS_MAX_BODY_BYTES: bound,
    DETRAILS_ADMISSION_BYTES: bound,
  });
  const large = open(port, Number(bound));
  large.request.write('[');
  await until(async () => (await metricOf(app, 'detrails_admission_bytes')) > 0);

  const answer = await send(port, sampleRecord());

  assert.equal(answer.status, 200);
  large.request.destroy();
  await assert.rejects(large.answer);
});

type Answer = { status: number | undefined; headers: NodeJS.Dict<string | string[]>; body: string };

function open(
  port: number,
  length: number,
): { request: ReturnType<typeof httpRequest>; answer: Promise<Answer> } {
  const headers = { 'content-type': 'application/json', 'content-length': length };
  const request = httpRequest({
    port,
    host: '127.0.0.1',
    method: 'POST',
    path: '/v1/enrich',
    headers,
    agent: false,
  });
  const answer = new Promise<Answer>((resolve, reject) => {
    request.on('error', reject).on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        resolve({
          status: response.statusCode,
          headers: response.headers,
          body: Buffer.concat(chunks).toString(),
        }),
      );
    });
  });
  answer.catch(() => undefined);
  return { request, answer };
}

function send(port: number, body: string): Promise<Answer> {
  const { request, answer } = open(port, Buffer.byteLength(body));
  request.end(body);
  return answer;
}
