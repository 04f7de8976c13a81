import assert from 'node:assert/strict';

/** Absent means none: no null, empty text, empty list or empty object anywhere in an output. */
export function assertNothingEmpty(value: unknown, path = 'output'): void {
  assert.notEqual(value, null, `${path} is null`);
  assert.notEqual(value, '', `${path} is an empty text`);
  if (typeof value !== 'object' || value === null) return;
  const members = Object.entries(value);
  assert.ok(members.length > 0, `${path} is empty`);
  for (const [name, member] of members)
    if (member !== undefined) assertNothingEmpty(member, `${path}.${name}`);
}
