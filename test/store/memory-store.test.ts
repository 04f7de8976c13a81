import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createMemoryStore } from '../../src/store/memory-store.ts';
import { type Operation, readFirst, readMembers } from '../../src/store/port.ts';

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

test('a record is held while it is at work, and no longer', () => {
  let now = 0;
  const store = createMemoryStore({ maxBytes: 1e6, now: () => now });
  store.exchangeNow([{ key: 'one', ttlMs: 1000, operations: [{ op: 'min', field: 'field', value: 'a' }] }]);
  const held = store.hold('one');
  assert.ok(held !== undefined);
  assert.equal(held.renew(now, 1000), true);
  assert.equal(held.record?.get('field'), 'a');
  store.replace('one', new Map([['field', 'b']]), 1000);
  assert.equal(held.record, undefined, 'another record took its place');
  assert.equal(held.renew(now, 1000), false);

  const again = store.hold('one');
  now = 999;
  assert.equal(again?.renew(now, 1000), true, 'its time to live begins anew');
  now = 1998;
  assert.equal(store.read('one')?.get('field'), 'b');
  now = 1999;
  assert.equal(again?.renew(now, 1000), false, 'its time to live has ended');
  assert.equal(store.hold('nobody'), undefined);
});

test('what is merged into a held record counts and reads as if it had been exchanged', () => {
  const [held, exchanged] = [1, 2].map(() => createMemoryStore({ maxBytes: 1e6, now: () => 0 }));
  assert.ok(held !== undefined && exchanged !== undefined);
  const first = [keepIn('b'), keepIn('d')];
  held.exchangeNow([{ key: 'one', ttlMs: 1000, operations: first }]);
  exchanged.exchangeNow([{ key: 'one', ttlMs: 1000, operations: first }]);

  const member = held.hold('one')?.member('group', 'member');
  for (const text of ['c', 'a', 'e', 'a']) {
    member?.keepSmallest('set', text, 3);
    exchanged.exchangeNow([{ key: 'one', ttlMs: 1000, operations: [keepIn(text)] }]);
  }
  assert.equal(member?.largestOf('set', 3), 'c');
  assert.equal(member?.largestOf('set', 4), undefined, 'there is room');
  assert.deepEqual([...(held.read('one') ?? [])], [...(exchanged.read('one') ?? [])]);
  assert.equal(held.bytes, exchanged.bytes);
});

function keepIn(member: string): Operation {
  return {
    op: 'group',
    field: 'group',
    member: 'member',
    limit: 4,
    operations: [{ op: 'keep', field: 'set', member, limit: 3, end: 'smallest' }],
  };
}
