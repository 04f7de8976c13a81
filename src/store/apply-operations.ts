import type { FieldTable } from './field-table.ts';
import type { LiveRecord } from './live-record.ts';
import type { FieldOperation, Operation } from './port.ts';

/**
 * Applies `operations` in order to `record`, in place, and says whether anything changed. This is the
 * definition of the record algebra; the script in `merge-script.ts` does the same inside Redis, and a
 * property test demands equal records of both.
 */
export function applyOperations(record: LiveRecord, operations: readonly Operation[]): boolean {
  let changed = false;
  for (const operation of operations) {
    if (operation.op !== 'group') {
      changed = applyToField(record, record.fields, operation) || changed;
      continue;
    }
    const { revision } = record;
    const table = record.memberOf(operation.field, operation.member, operation.limit);
    if (revision !== record.revision) changed = true;
    if (table === undefined) continue;
    for (const inner of operation.operations) changed = applyToField(record, table, inner) || changed;
  }
  return changed;
}

function applyToField(record: LiveRecord, table: FieldTable, operation: FieldOperation): boolean {
  const { field } = operation;
  if (operation.op === 'keep') {
    const grown = table.keep(field, operation.member, operation.limit, operation.end);
    if (grown === undefined) return false;
    record.noteChange(grown);
    return true;
  }
  const { op, value } = operation;
  if (op === 'max') {
    const grown = table.raise(field, value);
    if (grown === undefined) return false;
    record.noteChange(grown);
    return true;
  }
  const old = table.get(field);
  if (op === 'first') {
    if (old !== undefined) return false;
    record.noteRevision(table.set(field, `${record.nextOrdinal()}|${value}`));
    return true;
  }
  if (old !== undefined && old <= value) return false;
  record.noteRevision(table.set(field, value));
  return true;
}
