import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { applyOperations } from '../../src/store/apply-operations.ts';
import { LiveRecord } from '../../src/store/live-record.ts';
import { createMemoryStore } from '../../src/store/memory-store.ts';
import { packRecord, unpackRecord } from '../../src/store/packed-record.ts';
import type { Operation } from '../../src/store/port.ts';
import { operation, operations } from '../store/arbitrary-operations.ts';

/** A record without the one thing that remembers order. */
function merged(list: readonly Operation[]): Record<string, string> {
  const record = new LiveRecord();
  applyOperations(record, list);
  return Object.fromEntries([...record].filter(([field]) => !/(?:^|\/)(?:by|then)$|^#$/.test(field)).sort());
}

test('operations in any order make the same record', () => {
  const inTwoOrders = operations.chain((list) =>
    fc.record({ list: fc.constant(list), order: fc.shuffledSubarray(list, { minLength: list.length }) }),
  );
  fc.assert(
    fc.property(inTwoOrders, ({ list, order }) => {
      assert.deepEqual(merged(order), merged(list));
    }),
  );
});

test('an operation applied again changes nothing', () => {
  fc.assert(
    fc.property(operations, operation, (list, again) => {
      const record = new LiveRecord();
      applyOperations(record, [...list, again]);
      const before = new Map(record);

      const changed = applyOperations(record, [again]);

      assert.deepEqual(new Map(record), before);
      assert.equal(changed, false);
    }),
  );
});

test('says that a record changed exactly when it did', () => {
  fc.assert(
    fc.property(operations, operations, (first, second) => {
      const record = new LiveRecord();
      applyOperations(record, first);
      const before = new Map(record);

      const changed = applyOperations(record, second);

      assert.equal(changed, !isSame(before, new Map(record)));
    }),
  );
});

test('the fields of a group are those of its members, and no more than its limit', () => {
  fc.assert(
    fc.property(operations, (list) => {
      const record = new LiveRecord();
      applyOperations(record, list);

      const members = record.get('group')?.split('\n') ?? [];
      assert.ok(members.length <= 3);
      for (const [field] of record) {
        if (!field.startsWith('group/')) continue;
        assert.ok(members.some((member) => field.startsWith(`group/${member}/`)));
      }
    }),
  );
});

test('a record that was packed in any order of its fields goes on as if it had not been', () => {
  fc.assert(
    fc.property(operations, operations, fc.integer({ min: 0, max: 7 }), (first, second, turn) => {
      const live = new LiveRecord();
      applyOperations(live, first);
      const flat = [...live];
      const restored = LiveRecord.from([...flat.slice(turn), ...flat.slice(0, turn)].reverse());

      applyOperations(live, second);
      applyOperations(restored, second);

      assert.deepEqual(sorted(restored), sorted(live));
      assert.equal(restored.size, [...restored].length);
      for (const [field, value] of live) assert.equal(restored.get(field), value);
    }),
  );
});

test('a record that rested goes on as if it had not, also one that holds a NUL', () => {
  fc.assert(
    fc.property(operations, operations, fc.boolean(), (first, second, withNul) => {
      const live = new LiveRecord();
      applyOperations(live, first);
      if (withNul) applyOperations(live, [{ op: 'min', field: 'odd', value: 'a\u0000b' }]);

      const packed = packRecord(live);
      assert.equal(typeof packed === 'string', !withNul);
      const woken = unpackRecord(packed);
      assert.deepEqual(sorted(woken), sorted(live));
      assert.equal(woken.bytes, live.bytes);

      applyOperations(live, second);
      applyOperations(woken, second);
      assert.deepEqual(sorted(woken), sorted(live));
    }),
  );
});

test('a store too small to keep a record at work merges as one that keeps all', () => {
  const contributions = fc.array(fc.record({ key: fc.constantFrom('a:1', 'a:2', 'a:3'), operations }), {
    minLength: 1,
    maxLength: 12,
  });
  fc.assert(
    fc.property(contributions, (list) => {
      const small = createMemoryStore({ maxBytes: 11_000, now: () => 1 });
      const large = createMemoryStore({ maxBytes: 1e8, now: () => 1 });
      for (const contribution of list) {
        const [one] = small.exchangeNow([{ ...contribution, ttlMs: 1000 }]);
        const [other] = large.exchangeNow([{ ...contribution, ttlMs: 1000 }]);
        assert.deepEqual(one && [one[0], sorted(one[1])], other && [other[0], sorted(other[1])]);
      }
    }),
  );
});

test('the revision stays exactly when nothing but sets and max fields changed', () => {
  fc.assert(
    fc.property(operations, operations, (first, second) => {
      const record = new LiveRecord();
      applyOperations(record, first);
      const before = new Map(record);
      const { revision } = record;

      applyOperations(record, second);

      const told = (fields: Iterable<readonly [string, string]>) =>
        [...fields].filter(([field]) => !/(?:^|\/)(?:high|few|late)$/.test(field)).sort();
      assert.equal(record.revision === revision, isDeepStrictEqual(told(before), told(record)));
    }),
  );
});

function sorted(record: Iterable<readonly [string, string]>): (readonly [string, string])[] {
  return [...record].sort(([a], [b]) => (a < b ? -1 : 1));
}

function isSame(a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): boolean {
  return a.size === b.size && [...a].every(([field, value]) => b.get(field) === value);
}
