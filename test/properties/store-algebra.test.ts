import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { applyOperations } from '../../src/store/apply-operations.ts';
import type { Operation } from '../../src/store/port.ts';
import { operation, operations } from '../store/arbitrary-operations.ts';

/** A record without the one thing that remembers order. */
function merged(list: readonly Operation[]): Record<string, string> {
  const record = new Map<string, string>();
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
      const record = new Map<string, string>();
      applyOperations(record, [...list, again]);
      const before = new Map(record);

      const changed = applyOperations(record, [again]);

      assert.deepEqual(record, before);
      assert.equal(changed, false);
    }),
  );
});

test('says that a record changed exactly when it did', () => {
  fc.assert(
    fc.property(operations, operations, (first, second) => {
      const record = new Map<string, string>();
      applyOperations(record, first);
      const before = new Map(record);

      const changed = applyOperations(record, second);

      assert.equal(changed, !isSame(before, record));
    }),
  );
});

test('the fields of a group are those of its members, and no more than its limit', () => {
  fc.assert(
    fc.property(operations, (list) => {
      const record = new Map<string, string>();
      applyOperations(record, list);

      const members = record.get('group')?.split('\n') ?? [];
      assert.ok(members.length <= 3);
      for (const field of record.keys()) {
        if (!field.startsWith('group/')) continue;
        assert.ok(members.some((member) => field.startsWith(`group/${member}/`)));
      }
    }),
  );
});

function isSame(a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): boolean {
  return a.size === b.size && [...a].every(([field, value]) => b.get(field) === value);
}
