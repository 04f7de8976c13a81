import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { JsonFault, JsonScanner } from '../../src/cloudtrail/json-scanner.ts';
import { readCases } from '../read-cases.ts';

/** The offset of the fault the scanner finds in a whole text, or undefined when it accepts it. */
function faultOf(bytes: Buffer): number | undefined {
  const scanner = new JsonScanner(bytes);
  try {
    const end = scanner.skipSpace(scanner.skipValue(scanner.skipSpace(0)));
    return end === bytes.length ? undefined : end;
  } catch (fault) {
    if (!(fault instanceof JsonFault)) throw fault;
    return fault.offset;
  }
}

/** What the scanner must agree with. */
function parses(bytes: Buffer): boolean {
  try {
    JSON.parse(bytes.toString());
    return true;
  } catch {
    return false;
  }
}

/** The scanner agrees wherever the bytes lie in memory and whatever lies around them. */
function assertAgrees(bytes: Buffer): void {
  const text = JSON.stringify(bytes.toString('latin1'));
  const expected = parses(bytes);
  const fault = faultOf(bytes);
  assert.equal(fault === undefined, expected, `${text}: fault at ${fault}`);
  if (fault !== undefined) assert.ok(fault >= 0 && fault <= bytes.length, `${text}: fault at ${fault}`);
  for (const placed of placements(bytes))
    assert.equal(faultOf(placed), fault, `${text} at ${placed.byteOffset}`);
}

/** The bytes alone in their memory, and at every alignment between bytes that would end or escape a string. */
function placements(bytes: Buffer): Buffer[] {
  const alone = Buffer.from(Uint8Array.from(bytes).buffer);
  const between = ['"', '\\', 'x', '0'].map((around, index) => {
    const memory = Buffer.alloc(bytes.length + 8 + index, around);
    bytes.copy(memory, 4 + index);
    return memory.subarray(4 + index, 4 + index + bytes.length);
  });
  return [alone, ...between];
}

/** Pieces that JSON is made of and pieces that look as if, so that random rows of them get far. */
const PIECES = [
  ...['{', '}', '[', ']', ',', ':', '"', '\\', '/', '"a"', '"a":', '{"a":', '[1', ',"b":2', 'x', '\u00e9'],
  ...[
    '0',
    '1',
    '9',
    '-',
    '+',
    '.',
    'e',
    'E',
    '-0',
    '1.5',
    '1e5',
    '01',
    'true',
    'tru',
    'false',
    'null',
    'nul',
  ],
  ...[' ', '\n', '\r', '\t', '\u000b', '\u00a0', '\ufeff', '\u2028', '\0', '\u001f', '\u007f'],
  ...['\\u', '\\u00e9', '\\ud800', '\\uD83D\\uDE00', '\\u12g4', '\\n', '\\x', '"\\"', '"\\\\"'],
];
const pieces = fc
  .array(fc.constantFrom(...PIECES), { maxLength: 12 })
  .map((parts) => Buffer.from(parts.join('')));

type Edit = {
  readonly at: number;
  readonly kind: 'flip' | 'insert' | 'remove' | 'cut';
  readonly byte: number;
};
const edit: fc.Arbitrary<Edit> = fc.record({
  at: fc.nat(400),
  kind: fc.constantFrom('flip', 'insert', 'remove', 'cut'),
  byte: fc.oneof(
    fc.constantFrom(...Buffer.from('{}[]",:\\0-+.eEtu \n\0\x1f')),
    fc.integer({ min: 0, max: 255 }),
  ),
});

function edited(bytes: Buffer, { at, kind, byte }: Edit): Buffer {
  const start = Math.min(at, bytes.length);
  const before = bytes.subarray(0, start);
  if (kind === 'cut') return before;
  if (kind === 'insert') return Buffer.concat([before, Buffer.from([byte]), bytes.subarray(start)]);
  const after = bytes.subarray(start + 1);
  return kind === 'remove'
    ? Buffer.concat([before, after])
    : Buffer.concat([before, Buffer.from([byte]), after]);
}

/** A JSON text with white space of every kind between its tokens. */
const spaced = fc
  .tuple(fc.jsonValue({ maxDepth: 4 }), fc.array(fc.constantFrom(' ', '\n', '\r', '\t'), { maxLength: 3 }))
  .map(([value, space]) => {
    const odd = space.join('');
    return Buffer.from(odd + JSON.stringify(value, undefined, ' ').replaceAll('\n', `\n${odd}`) + odd);
  });

test('accepts what JSON.stringify writes, whatever the white space', () => {
  fc.assert(fc.property(spaced, (bytes) => assert.equal(faultOf(bytes), undefined)));
});

test('accepts and refuses arbitrary text as JSON.parse does', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => assertAgrees(Buffer.from(text))));
});

test('accepts and refuses arbitrary bytes as JSON.parse does', () => {
  fc.assert(fc.property(fc.uint8Array(), (bytes) => assertAgrees(Buffer.from(bytes))));
});

test('accepts and refuses strings of arbitrary bytes as JSON.parse does', () => {
  const quoted = fc.uint8Array().map((bytes) => Buffer.concat([Buffer.from('"'), bytes, Buffer.from('"')]));
  fc.assert(fc.property(quoted, assertAgrees));
});

test('accepts and refuses rows of JSON-like pieces as JSON.parse does', () => {
  fc.assert(fc.property(pieces, assertAgrees), { numRuns: 5000 });
});

test('accepts and refuses damaged JSON as JSON.parse does', () => {
  const damaged = fc
    .tuple(spaced, fc.array(edit, { minLength: 1, maxLength: 3 }))
    .map(([bytes, edits]) => edits.reduce(edited, bytes));
  fc.assert(fc.property(damaged, assertAgrees), { numRuns: 5000 });
});

test('refuses every truncation of a record at its end', () => {
  const text = Buffer.from('{"a":[1.5e-7,"\\u00e9\\n",true,null,{"b":-0,"c":{}}],"d":false}');

  for (let length = 0; length < text.length; length++) {
    assert.equal(faultOf(text.subarray(0, length)), length, `cut at ${length}`);
  }
});

for (const { name, why, input, expected } of readCases<string, number | null>('json-scanner/faults.json')) {
  test(`says where JSON stops: ${name}`, () => {
    const bytes = Buffer.from(input);

    assert.equal(faultOf(bytes) ?? null, expected, why);
    assert.equal(parses(bytes), expected === null, 'JSON.parse disagrees');
  });
}

for (const [kind, open, close] of [
  ['arrays', '[', ']'],
  ['objects', '{"a":', '}'],
] as const) {
  test(`walks 10^5 nested ${kind} without a stack and tells their depth`, () => {
    const depth = 100_000;
    const text = `${open.repeat(depth)}1${close.repeat(depth)}`;
    const scanner = new JsonScanner(Buffer.from(text));

    assert.equal(scanner.skipValue(0), text.length);
    assert.equal(scanner.deepest, depth);
  });
}

test('tells the depth of empty containers and of the deepest branch', () => {
  const depthOf = (text: string): number => {
    const scanner = new JsonScanner(Buffer.from(text));
    scanner.skipValue(0);
    return scanner.deepest;
  };

  assert.equal(depthOf('1'), 0);
  assert.equal(depthOf('{}'), 1);
  assert.equal(depthOf('[[],{"a":[{}]},[]]'), 4);
});

test('refuses 10^5 brackets that never close at the end of the input', () => {
  assert.equal(faultOf(Buffer.from('['.repeat(100_000))), 100_000);
});

test('matches brackets by kind at every depth', () => {
  const nesting = fc.array(fc.boolean(), { minLength: 1, maxLength: 40 });
  fc.assert(
    fc.property(nesting, fc.nat(), (kinds, pick) => {
      const open = kinds.map((isObject) => (isObject ? '{"a":' : '[')).join('');
      const closers = kinds.map((isObject) => (isObject ? '}' : ']')).reverse();
      const wrong = pick % closers.length;

      assert.equal(faultOf(Buffer.from(`${open}0${closers.join('')}`)), undefined);

      closers[wrong] = closers[wrong] === '}' ? ']' : '}';
      assert.equal(faultOf(Buffer.from(`${open}0${closers.join('')}`)), open.length + 1 + wrong);
    }),
  );
});
