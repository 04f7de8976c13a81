import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createMemoryStore } from '../../src/store/memory-store.ts';
import { readFirst, readMembers } from '../../src/store/port.ts';

const HOUR_MS = 3_600_000;

test('merges contributions to one key and answers the merged record', async () => {
  const store = createMemoryStore({ maxBytes: 1e6, now: () => 1 });

  await store.exchange([
    {
      key: 'a:1',
      ttlMs: HOUR_MS,
      operations: [
        { op: 'min', field: 'low', value: '2' },
        { op: 'max', field: 'high', value: '2' },
        { op: 'first', field: 'by', value: 'x' },
        { op: 'keep', field: 'set', member: 'b', limit: 2, end: 'smallest' },
      ],
    },
  ]);
  const { records, degraded } = await store.exchange([
    {
      key: 'a:1',
      ttlMs: HOUR_MS,
      operations: [
        { op: 'min', field: 'low', value: '1' },
        { op: 'max', field: 'high', value: '1' },
        { op: 'first', field: 'by', value: 'y' },
        { op: 'first', field: 'then', value: 'y' },
        { op: 'keep', field: 'set', member: 'c', limit: 2, end: 'smallest' },
        { op: 'keep', field: 'set', member: 'a', limit: 2, end: 'smallest' },
      ],
    },
    { key: 'a:none', ttlMs: HOUR_MS, operations: [] },
  ]);

  const record = records.get('a:1');
  assert.equal(record?.get('low'), '1');
  assert.equal(record?.get('high'), '2');
  assert.deepEqual(readFirst(record, 'by'), { ordinal: 1, value: 'x' });
  assert.deepEqual(readFirst(record, 'then'), { ordinal: 2, value: 'y' });
  assert.deepEqual(readMembers(record, 'set'), ['a', 'b']);
  assert.equal(records.has('a:none'), false);
  assert.equal(degraded, false);
});

test('forgets a record when its time to live has passed since the last write', async () => {
  let now = 1000;
  const evicted: string[] = [];
  const store = createMemoryStore({
    maxBytes: 1e6,
    now: () => now,
    onEvict: (reason) => evicted.push(reason),
  });
  const write = { key: 'a:1', ttlMs: 100, operations: [{ op: 'min', field: 'f', value: '1' }] } as const;
  const read = { key: 'a:1', ttlMs: 100, operations: [] };

  await store.exchange([write]);
  now += 90;
  await store.exchange([write]);
  now += 90;
  assert.equal((await store.exchange([read])).records.size, 1);
  now += 20;
  assert.equal((await store.exchange([read])).records.size, 0);
  assert.deepEqual(evicted, ['expire']);
});

test('stays within its bytes and lets the longest unused record go', async () => {
  const evicted: string[] = [];
  const store = createMemoryStore({
    maxBytes: 4000,
    now: () => 1,
    onEvict: (reason) => evicted.push(reason),
  });
  const write = (id: number) => ({
    key: `a:${id}`,
    ttlMs: HOUR_MS,
    operations: [{ op: 'min' as const, field: 'f', value: 'v'.repeat(500) }],
  });

  for (let id = 0; id < 20; id += 1) await store.exchange([write(id)]);

  assert.ok(store.bytes <= 4000);
  assert.ok(store.entries >= 4, `${store.entries} of 20 fit`);
  assert.equal(evicted.length, 20 - store.entries);
  assert.equal(store.read('a:0'), undefined);
  assert.equal(store.read('a:19')?.get('f')?.length, 500);
});

test('keeps a record whose values hold a NUL, and empty values', async () => {
  const store = createMemoryStore({ maxBytes: 1e6, now: () => 1 });

  await store.exchange([
    { key: 'a:1', ttlMs: 1, operations: [{ op: 'min', field: 'f', value: 'a\u0000b' }] },
    { key: 'a:2', ttlMs: 1, operations: [{ op: 'min', field: 'f', value: '' }] },
  ]);

  assert.equal(store.read('a:1')?.get('f'), 'a\u0000b');
  assert.equal(store.read('a:2')?.get('f'), '');
});

test('a displaced member of a group takes its fields along, and can not come back', async () => {
  const store = createMemoryStore({ maxBytes: 1e6, now: () => 1 });
  const use = (member: string) => ({
    key: 'a:1',
    ttlMs: HOUR_MS,
    operations: [
      {
        op: 'group' as const,
        field: 's',
        member,
        limit: 2,
        operations: [{ op: 'first' as const, field: 'by', value: member }],
      },
    ],
  });

  await store.exchange([use('c'), use('b'), use('a'), use('c')]);

  const record = store.read('a:1');
  assert.deepEqual(readMembers(record, 's'), ['a', 'b']);
  assert.deepEqual(readFirst(record, 's/b/by'), { ordinal: 2, value: 'b' });
  assert.deepEqual(readFirst(record, 's/a/by'), { ordinal: 3, value: 'a' });
  assert.equal(record?.get('s/c/by'), undefined);
});
