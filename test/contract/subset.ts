import assert from 'node:assert/strict';

/**
 * Asserts that `actual` holds everything of `expected`: objects may have further members, lists must have
 * the same length. `undefined` in `expected` means: must be absent.
 */
export function assertHolds(actual: unknown, expected: unknown, at = '$'): void {
  if (Array.isArray(expected)) {
    assert.ok(Array.isArray(actual), `${at} is no list: ${JSON.stringify(actual)}`);
    assert.equal(actual.length, expected.length, `${at}: length of ${JSON.stringify(actual)}`);
    expected.forEach((item, index) => {
      assertHolds(actual[index], item, `${at}[${index}]`);
    });
  } else if (typeof expected === 'object' && expected !== null) {
    assert.ok(typeof actual === 'object' && actual !== null, `${at} is no object: ${JSON.stringify(actual)}`);
    for (const [name, value] of Object.entries(expected)) {
      assertHolds((actual as Record<string, unknown>)[name], value, `${at}.${name}`);
    }
  } else {
    assert.deepEqual(actual, expected, at);
  }
}
