import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { sourceOf, sourceOfMember, sourceOfText } from '../../src/sessions/source.ts';
import { readCases } from '../read-cases.ts';

type Input = { readonly address: string | null; readonly endpoint: string | null };
type Expected = 'none' | { readonly [name: string]: unknown };

for (const { name, input, expected } of readCases<Input, Expected>('sessions/sources.json')) {
  test(`source: ${name}`, () => {
    const source = sourceOf(input.address ?? undefined, input.endpoint ?? undefined);

    if (expected === 'none') return assert.equal(source, undefined);
    const { text, kind, network, isPrivate } = source ?? {};
    assert.deepEqual({ text, kind, network, isPrivate }, expected);
    assert.deepEqual(sourceOfText(source?.text), source);
    assert.deepEqual(sourceOfMember(source?.member ?? ''), source);
  });
}

test('a member of a bounded group holds no slash and no line feed, whatever the address', () => {
  fc.assert(
    fc.property(fc.oneof(fc.ipV4(), fc.ipV6(), fc.string()), (address) => {
      const source = sourceOf(address, undefined);

      if (source !== undefined) assert.doesNotMatch(source.member, /[/\n]/);
    }),
  );
});

test('every address that a library calls valid is a source', () => {
  fc.assert(
    fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (address) => {
      assert.ok(sourceOf(address, undefined) !== undefined, address);
    }),
  );
});
