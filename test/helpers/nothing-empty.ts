import assert from 'node:assert/strict';

/**
 * Fails on the first null, empty text, list or object anywhere in a value: absent means none.
 *
 * @param path where the value lies, for the message
 */
export function assertNothingEmpty(value: unknown, path = '$'): void {
  assert.notEqual(value, null, path);
  assert.notEqual(value, '', path);
  if (typeof value !== 'object' || value === null) return;
  const entries = Object.entries(value);
  assert.ok(entries.length > 0, `${path} is empty`);
  for (const [name, member] of entries) assertNothingEmpty(member, `${path}.${name}`);
}
