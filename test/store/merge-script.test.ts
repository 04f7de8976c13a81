import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import { applyOperations } from '../../src/store/apply-operations.ts';
import { LiveRecord } from '../../src/store/live-record.ts';
import { escapeText, unescapeText } from '../../src/store/merge-script.ts';
import type { Contribution } from '../../src/store/port.ts';
import { createValkeyClient, type ValkeyClient } from '../../src/store/valkey-client.ts';
import { createValkeyStore, type RemoteStore } from '../../src/store/valkey-store.ts';
import { operations } from './arbitrary-operations.ts';
import { skipWithoutServer, startServer, type TestServer, until } from './redis-server.ts';

const skip = skipWithoutServer();
let server: TestServer;
let client: ValkeyClient;
let store: RemoteStore;
const cleanups: (() => Promise<void>)[] = [];

before(async () => {
  if (skip !== false) return;
  server = await startServer({ after: (cleanup) => cleanups.push(cleanup) });
  client = createValkeyClient({
    kind: 'single',
    nodes: [{ host: '127.0.0.1', port: server.port }],
    tls: false,
    database: 0,
  });
  store = createValkeyStore(client);
  await until(() => client.status === 'ready');
});
after(async () => {
  await store?.close();
  for (const cleanup of cleanups) await cleanup();
});

test('the script in Redis and the algebra in TypeScript make equal records', { skip }, async () => {
  let run = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(operations, { minLength: 1, maxLength: 4 }), async (lists) => {
      run += 1;
      const expected = new LiveRecord();
      const key = `test:${run}`;
      for (const list of lists) {
        const contribution: Contribution = { key, ttlMs: 60_000, operations: list };
        applyOperations(expected, list);

        const { records, unanswered } = await store.exchange([contribution], 5000);

        assert.equal(unanswered.size, 0);
        assert.deepEqual(sorted(records.get(key) ?? []), sorted(expected));
      }
    }),
    { numRuns: 300 },
  );
});

test('every key has a time to live, and a read does not prolong it', { skip }, async () => {
  const operation = { op: 'min', field: 'f', value: '1' } as const;
  await store.exchange([{ key: 'test:ttl', ttlMs: 50_000, operations: [operation] }], 5000);
  await server.command('PEXPIRE', 'detrails:v1:test:ttl', '20000');

  await store.exchange([{ key: 'test:ttl', ttlMs: 50_000, operations: [] }], 5000);

  const left = Number(await server.command('PTTL', 'detrails:v1:test:ttl'));
  assert.ok(left > 0 && left <= 20_000, String(left));
});

test('a script that the server forgot is told again', { skip }, async () => {
  const operation = { op: 'min', field: 'f', value: '1' } as const;
  await server.command('SCRIPT', 'FLUSH');

  const { records } = await store.exchange(
    [1, 2, 3].map((id) => ({ key: `test:flush-${id}`, ttlMs: 50_000, operations: [operation] })),
    5000,
  );

  assert.equal(records.size, 3);
});

test('a key where something else lies is refused alone', { skip }, async () => {
  const operation = { op: 'min', field: 'f', value: '1' } as const;
  await server.command('SET', 'detrails:v1:test:foreign', 'x');

  const { records, refused, unanswered } = await store.exchange(
    ['test:foreign', 'test:own'].map((key) => ({ key, ttlMs: 50_000, operations: [operation] })),
    5000,
  );

  assert.deepEqual([...records.keys()], ['test:own']);
  assert.deepEqual([...refused], ['test:foreign']);
  assert.equal(unanswered.size, 0);
});

test('escaped text comes back as it was, and sorts by byte as the text sorts by code unit', () => {
  const anyText = fc.string({ unit: 'binary' });
  fc.assert(
    fc.property(anyText, anyText, (a, b) => {
      assert.equal(unescapeText(escapeText(a)), a);
      assert.equal(escapeText(a) < escapeText(b), a < b);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: ASCII is what is demanded
      assert.match(escapeText(a), /^[\u0000-\u007f]*$/);
    }),
  );
});

function sorted(record: Iterable<readonly [string, string]>): (readonly [string, string])[] {
  return [...record].sort(([a], [b]) => (a < b ? -1 : 1));
}
