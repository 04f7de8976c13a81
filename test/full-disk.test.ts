import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sampleRecord } from './helpers/sample-record.ts';
import { startService } from './soak/service.ts';
import { freePort } from './store/redis-server.ts';

test('a process whose log lines find no room enriches, and ends when told to', async (t) => {
  const service = await startService({
    port: await freePort(),
    environment: { DETRAILS_LOG_LEVEL: 'trace' },
    log: '/dev/full',
  });
  t.after(() => service.stop('SIGKILL'));

  const answer = await fetch(`http://127.0.0.1:${service.port}/v1/enrich`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: sampleRecord(1),
  });
  const { detrails } = (await answer.json()) as { detrails?: object };

  assert.equal(answer.status, 200);
  assert.ok(detrails !== undefined);
  assert.equal(await service.stop('SIGTERM'), 0);
});
