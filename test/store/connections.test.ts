import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { openStore } from './open-store.ts';
import { freePort, skipWithoutServer, startServer, until } from './redis-server.ts';

const skip = skipWithoutServer();
const WRITE = {
  key: 'test:one',
  ttlMs: 60_000,
  operations: [{ op: 'min', field: 'f', value: '1' }],
} as const;

test('an ACL user that may do no more than is documented is enough', { skip }, async (t) => {
  const server = await startServer(t);
  const rights = '+evalsha +eval +hgetall +hset +hdel +pexpire +ping +info +client';
  const set = ['SETUSER', 'app', 'on', '>p@ss/word', '~detrails:v1:*', ...rights.split(' ')];
  assert.equal(await server.command('ACL', ...set), 'OK');
  await server.command('ACL', 'SETUSER', 'default', 'off');

  const store = await openStore(t, `redis://app:p%40ss%2Fword@127.0.0.1:${server.port}`);
  const { records, degraded } = await store.exchange([WRITE]);

  assert.equal(degraded, false);
  assert.equal(records.get('test:one')?.get('f'), '1');
});

test('sentinels lead to the master', { skip }, async (t) => {
  const master = await startServer(t);
  const directory = mkdtempSync(join(tmpdir(), 'detrails-sentinel-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const config = join(directory, 'sentinel.conf');
  writeFileSync(config, `sentinel monitor main 127.0.0.1 ${master.port} 1\n`);
  const sentinel = await startServer(t, [], [config, '--sentinel']);
  await until(async () => (await sentinel.command('SENTINEL', 'MASTERS')).includes('main'));

  const store = await openStore(t, `redis-sentinel://127.0.0.1:${sentinel.port}/main`);
  await store.exchange([WRITE]);

  assert.equal(await master.command('EXISTS', 'detrails:v1:test:one'), '1');
});

test('a database of its own is used', { skip }, async (t) => {
  const server = await startServer(t);

  const store = await openStore(t, `redis://127.0.0.1:${server.port}/3`);
  await store.exchange([WRITE]);

  assert.equal(await server.command('-n', '3', 'EXISTS', 'detrails:v1:test:one'), '1');
});

test('a server that speaks no TLS degrades a TLS store and harms nothing', { skip }, async (t) => {
  const port = await freePort();

  const store = await openStore(t, `rediss://127.0.0.1:${port}`, { awaitServer: false });
  const { records, degraded } = await store.exchange([WRITE]);

  assert.equal(degraded, true);
  assert.equal(records.get('test:one')?.get('f'), '1');
});
