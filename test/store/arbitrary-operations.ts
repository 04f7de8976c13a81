import fc from 'fast-check';
import type { FieldOperation, Operation } from '../../src/store/port.ts';

/**
 * Random operation lists. As in real layouts every field has one operation with one limit; texts come from
 * a small alphabet, so that they collide, sort closely and hold what byte order and code unit order treat
 * differently.
 */
const text = fc
  .array(fc.constantFrom('a', 'b', 'B', '0', '|', '-', '~', 'é', '\u007f', '\uffff', '😀', '\ud800', ' '), {
    minLength: 1,
    maxLength: 3,
  })
  .map((parts) => parts.join(''));
const value = fc.oneof(
  text,
  fc.constant(''),
  text.map((prefix) => `2024-05-06|${prefix}`),
);

export const fieldOperation: fc.Arbitrary<FieldOperation> = fc.oneof(
  value.map((v): FieldOperation => ({ op: 'min', field: 'low', value: v })),
  value.map((v): FieldOperation => ({ op: 'max', field: 'high', value: v })),
  fc
    .record({ field: fc.constantFrom('by', 'then'), value })
    .map((parts): FieldOperation => ({ op: 'first', ...parts })),
  text.map((member): FieldOperation => ({ op: 'keep', field: 'few', member, limit: 3, end: 'smallest' })),
  text.map((member): FieldOperation => ({ op: 'keep', field: 'late', member, limit: 2, end: 'largest' })),
);

export const operation: fc.Arbitrary<Operation> = fc.oneof(
  fieldOperation,
  fc
    .record({ member: text, operations: fc.array(fieldOperation, { maxLength: 3 }) })
    .map((parts): Operation => ({ op: 'group', field: 'group', limit: 3, ...parts })),
);

export const operations = fc.array(operation, { maxLength: 12 });
