import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseKeyFile } from '../../../src/http/access/parse-key-file.ts';
import { readCases } from '../../read-cases.ts';

type Expected = { readonly keys: readonly string[]; readonly faults: readonly string[] };

for (const { name, why, input, expected } of readCases<string, Expected>('access/key-file.json')) {
  test(`reads a key file with ${name}`, () => {
    const { keys, faults } = parseKeyFile(input);

    assert.deepEqual(
      keys.map((key) => `${key.name} ${[...key.scopes].join()}`),
      expected.keys,
      why,
    );
    assert.equal(faults.length, expected.faults.length, JSON.stringify(faults));
    for (const [index, start] of expected.faults.entries()) {
      const fault = `${faults[index]?.line} ${faults[index]?.message}`;
      assert.ok(fault.startsWith(start), `${fault} starts with ${start}`);
    }
    assert.doesNotMatch(JSON.stringify(faults), /detrails_3q2|a{64}/i, 'no fault repeats a key or a digest');
  });
}

test('refuses more keys than every request can be compared with', () => {
  const line = (n: number) => `k${n}:enrich:${n.toString(16).padStart(64, '0')}`;
  const file = (count: number) => Array.from({ length: count }, (_none, n) => line(n)).join('\n');

  assert.equal(parseKeyFile(file(1000)).keys.length, 1000);
  assert.match(parseKeyFile(file(1001)).faults[0]?.message ?? '', /more than 1000/);
});
