import assert from 'node:assert/strict';
import { test } from 'node:test';
import { JsonScanner } from '../../src/cloudtrail/json-scanner.ts';
import { MemberIndex } from '../../src/cloudtrail/member-index.ts';
import { findPerfectHash } from '../../src/cloudtrail/member-key.ts';
import { MEMBER, MEMBERS } from '../../src/cloudtrail/member-names.ts';

function indexOf(text: string): { index: MemberIndex; row: number } {
  const index = new MemberIndex(new JsonScanner(Buffer.from(text)));
  const row = index.open(0);
  for (let at = index.readMembers(row, 0); at < 0; )
    at = index.readMembers(row, index.scanner.skipValue(~at));
  return { index, row };
}

test('finds every member in any order, right behind any other', () => {
  for (const first of MEMBERS) {
    for (const second of MEMBERS) {
      if (first === second) continue;
      const text = `{"${first}":1, "${second}" : "x"}`;
      const { index, row } = indexOf(text);

      const found = MEMBERS.filter((name) => index.has(row, MEMBER[name]));

      assert.deepEqual(
        found,
        MEMBERS.filter((name) => name === first || name === second),
        text,
      );
      assert.equal(index.valueStart(row, MEMBER[second]), text.length - 4, text);
    }
  }
});

test('takes no key for a member that differs from it in one character or in length', () => {
  for (const name of MEMBERS) {
    const keys = [`${name}x`, name.slice(0, -1), name.toUpperCase(), `x${name}`];
    for (let at = 0; at < name.length; at++) keys.push(`${name.slice(0, at)}~${name.slice(at + 1)}`);
    for (const key of keys) {
      if ((MEMBERS as readonly string[]).includes(key)) continue;
      const { index, row } = indexOf(`{"${key}":1}`);
      assert.deepEqual(
        MEMBERS.filter((known) => index.has(row, MEMBER[known])),
        [],
        key,
      );
    }
  }
});

test('says so when two names cannot be told apart', () => {
  const name = Buffer.from('aXXaXXa');

  assert.throws(() => findPerfectHash([name, Buffer.from('aYXaXXa')]), /no perfect hash/);
});

test('bodies that share a block of rows keep their own, however many objects they hold', () => {
  const text = '{"UID":1}';
  const scanner = new JsonScanner(Buffer.from(text.repeat(40)));
  const indexes = Array.from({ length: 40 }, () => new MemberIndex(scanner));
  for (let object = 0; object < 40; object++) {
    for (const index of indexes) index.readMembers(index.open(object * text.length), object * text.length);
  }

  for (const index of indexes) {
    for (let row = 0; row < 40; row++) {
      assert.equal(index.start(row), row * text.length);
      assert.equal(index.end(row), (row + 1) * text.length);
      assert.equal(index.has(row, MEMBER.UID), true);
      assert.equal(index.has(row, MEMBER.version), false);
    }
  }
});
