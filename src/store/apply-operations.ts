import { type FieldOperation, groupField, type Operation } from './port.ts';

/** The field that counts a record's `first` writes. */
export const ORDINAL_FIELD = '#';

/** A record that can be changed: a Map, or what the memory store keeps instead. */
export interface MutableRecord {
  get(field: string): string | undefined;
  set(field: string, value: string): unknown;
  delete(field: string): unknown;
  keys(): Iterable<string>;
}

/**
 * Applies `operations` in order to `record`, in place, and says whether anything changed. This is the
 * definition of the record algebra; the script in `merge-script.ts` does the same inside Redis, and a
 * property test demands equal records of both.
 */
export function applyOperations(record: MutableRecord, operations: readonly Operation[]): boolean {
  let changed = false;
  for (const operation of operations) {
    if (operation.op === 'group') changed = applyToGroup(record, operation) || changed;
    else changed = applyToField(record, operation.field, operation) || changed;
  }
  return changed;
}

/**
 * `joined` (members ascending, joined by line feeds) with `member`, bounded to `limit` members from one
 * end. Answers the same string when nothing changes.
 */
export function keepMember(
  joined: string | undefined,
  member: string,
  limit: number,
  end: 'smallest' | 'largest',
): string {
  if (joined === undefined) return member;
  const last = joined.slice(joined.lastIndexOf('\n') + 1);
  if (member === last) return joined;
  // Times arrive mostly in order: a member behind the last needs no look at the others.
  if (member > last) {
    if (countMembers(joined) < limit) return `${joined}\n${member}`;
    if (end === 'smallest') return joined;
  }
  return insertMember(joined.split('\n'), member, limit, end) ?? joined;
}

function insertMember(
  members: string[],
  member: string,
  limit: number,
  end: 'smallest' | 'largest',
): string | undefined {
  let position = members.length;
  while (position > 0 && (members[position - 1] ?? '') >= member) position -= 1;
  if (members[position] === member) return undefined;
  if (members.length >= limit && position === (end === 'smallest' ? members.length : 0)) return undefined;
  members.splice(position, 0, member);
  if (members.length <= limit) return members.join('\n');
  return (end === 'smallest' ? members.slice(0, limit) : members.slice(-limit)).join('\n');
}

function countMembers(joined: string): number {
  let count = 1;
  for (let at = joined.indexOf('\n'); at !== -1; at = joined.indexOf('\n', at + 1)) count += 1;
  return count;
}

function applyToGroup(record: MutableRecord, group: Extract<Operation, { op: 'group' }>): boolean {
  const { field, member, limit } = group;
  const before = record.get(field);
  const after = keepMember(before, member, limit, 'smallest');
  if (after !== before) {
    record.set(field, after);
    if (before !== undefined) dropDisplaced(record, field, before, after);
  } else if (!hasMember(after, member)) {
    return false;
  }
  let changed = after !== before;
  const prefix = groupField(field, member, '');
  for (const operation of group.operations) {
    changed = applyToField(record, prefix + operation.field, operation) || changed;
  }
  return changed;
}

function applyToField(record: MutableRecord, field: string, operation: FieldOperation): boolean {
  const old = record.get(field);
  if (operation.op === 'keep') {
    const kept = keepMember(old, operation.member, operation.limit, operation.end);
    if (kept === old) return false;
    record.set(field, kept);
    return true;
  }
  const { value } = operation;
  if (operation.op === 'first') {
    if (old !== undefined) return false;
    const ordinal = String(Number(record.get(ORDINAL_FIELD) ?? '0') + 1).padStart(8, '0');
    record.set(ORDINAL_FIELD, ordinal);
    record.set(field, `${ordinal}|${value}`);
    return true;
  }
  if (old !== undefined && (operation.op === 'min' ? old <= value : old >= value)) return false;
  record.set(field, value);
  return true;
}

/** Deletes the fields of members that `before` had and `after` has not. */
function dropDisplaced(record: MutableRecord, group: string, before: string, after: string): void {
  for (const member of before.split('\n')) {
    if (hasMember(after, member)) continue;
    const prefix = groupField(group, member, '');
    for (const field of [...record.keys()]) if (field.startsWith(prefix)) record.delete(field);
  }
}

function hasMember(joined: string, member: string): boolean {
  return joined === member || joined.split('\n').includes(member);
}
