import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { pino } from 'pino';
import { gatherLines } from '../src/log-output.ts';
import { sampleRecord } from './helpers/sample-record.ts';
import { until } from './helpers/test-app.ts';
import { startService } from './soak/service.ts';
import { freePort } from './store/redis-server.ts';

/** A logger whose writes are seen one by one. */
function observed(t: TestContext) {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const writes: string[] = [];
  let flushed = 0;
  const output = {
    write: (text: string) => writes.push(text),
    flushSync: () => {
      flushed++;
    },
  };
  const logger = pino({ base: null, timestamp: false }, gatherLines(output));
  return { logger, output, flushes: () => flushed, messages: () => writes.map(messagesOf) };
}

function messagesOf(text: string): string {
  const lines = text.trimEnd().split('\n');
  return lines.map((line) => (JSON.parse(line) as { msg: string }).msg).join(' ');
}

test('writes the first line after a silence at once, and those behind it together', (t) => {
  const { logger, messages } = observed(t);

  for (const message of ['a', 'b', 'c']) logger.info(message);
  assert.deepEqual(messages(), ['a']);
  t.mock.timers.tick(99);
  assert.deepEqual(messages(), ['a']);
  t.mock.timers.tick(1);
  assert.deepEqual(messages(), ['a', 'b c']);
});

test('goes on gathering while lines come, and writes at once again after a silence', (t) => {
  const { logger, messages } = observed(t);

  logger.info('a');
  logger.info('b');
  t.mock.timers.tick(100);
  logger.info('c');
  assert.deepEqual(messages(), ['a', 'b']);
  t.mock.timers.tick(100);
  t.mock.timers.tick(100);
  logger.info('d');
  assert.deepEqual(messages(), ['a', 'b', 'c', 'd']);
});

test('lets no warning and no error wait, nor what came before them', (t) => {
  const { logger, messages } = observed(t);

  for (const message of ['a', 'b']) logger.info(message);
  logger.warn('c');
  logger.debug('not shown');
  logger.info('d');
  logger.error('e');

  assert.deepEqual(messages(), ['a', 'b c', 'd e']);
});

test('gathers no more than a few kilobytes', (t) => {
  const { logger, messages } = observed(t);
  const long = 'x'.repeat(1500);

  for (let n = 0; n < 4; n++) logger.info(long);

  assert.deepEqual(messages(), [long, `${long} ${long} ${long}`]);
});

test('writes what is gathered when the process ends, or says that it will', (t) => {
  const { logger, output, messages, flushes } = observed(t);

  for (const message of ['a', 'b']) logger.info(message);
  output.flushSync();
  assert.deepEqual(messages(), ['a', 'b']);
  logger.info('c');
  logger.fatal('d');
  assert.deepEqual(messages(), ['a', 'b', 'c d']);
  assert.equal(flushes(), 2);
});

test('a process that is told to end has written a line for every batch', async (t) => {
  const service = await startService({ port: await freePort() });
  t.after(() => service.stop('SIGKILL'));
  const batch = `[${[1, 2, 3].map((n) => sampleRecord(n)).join(',')}]`;
  const answers = await Promise.all(
    Array.from({ length: 40 }, () =>
      fetch(`http://127.0.0.1:${service.port}/v1/enrich`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: batch,
      }),
    ),
  );
  await Promise.all(answers.map((answer) => answer.arrayBuffer()));

  assert.equal(await service.stop('SIGTERM'), 0);
  await until(async () => service.log().includes('"msg":"closed"'));

  assert.equal(service.log().match(/"msg":"batch"/g)?.length, 40);
});
