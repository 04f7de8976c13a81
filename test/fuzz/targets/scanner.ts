import assert from 'node:assert/strict';
import { JsonFault, JsonScanner } from '../../../src/cloudtrail/json-scanner.ts';
import type { Target } from '../target.ts';

/** The scanner against `JSON.parse`, at every alignment and between bytes that would end a string. */
export const scannerTarget: Target = {
  name: 'scanner',
  promise: 'accepts and refuses what JSON.parse does, wherever the bytes lie',
  seeds: [
    '{"a":[1.5e-7,"\\u00e9\\n",true,null,{"b":-0,"c":{}}],"d":false}',
    ' [ "é\\\\" , -12.5E+3 , [] , {} , "\\ud83d\\ude00" ] ',
    '"plain text longer than one word of four bytes"',
    '-0.1e-10',
  ],
  words: ['a', '\\u00e9', 'true', 'false', 'null', '0123456789', 'e+1', '\\\\'],
  run: (input) => {
    const expected = parses(input);
    const { fault, depth } = scan(input);
    assert.equal(fault === undefined, expected, `JSON.parse disagrees; fault at ${fault}`);
    if (fault !== undefined) assert.ok(fault >= 0 && fault <= input.length, 'a fault lies inside the input');
    for (const [index, around] of ['"', '\\', 'x', '0'].entries()) {
      const memory = Buffer.alloc(input.length + 8 + index, around);
      input.copy(memory, 4 + index);
      const placed = scan(memory.subarray(4 + index, 4 + index + input.length));
      assert.deepEqual(placed, { fault, depth }, 'the place in memory does not matter');
    }
    return [fault === undefined ? `depth ${Math.min(depth, 32)}` : `byte ${input[fault] ?? 'end'}`];
  },
};

function scan(bytes: Buffer): { fault: number | undefined; depth: number } {
  const scanner = new JsonScanner(bytes);
  try {
    const end = scanner.skipSpace(scanner.skipValue(scanner.skipSpace(0)));
    return { fault: end === bytes.length ? undefined : end, depth: scanner.deepest };
  } catch (fault) {
    if (!(fault instanceof JsonFault)) throw fault;
    return { fault: fault.offset, depth: scanner.deepest };
  }
}

function parses(bytes: Buffer): boolean {
  try {
    JSON.parse(bytes.toString());
    return true;
  } catch {
    return false;
  }
}
