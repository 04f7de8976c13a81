import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { KeyRing } from '../../../src/http/access/key-ring.ts';
import { makeKey } from '../../../src/http/access/make-key.ts';
import { parseKeyFile } from '../../../src/http/access/parse-key-file.ts';
import { readCredentials } from '../../../src/http/access/read-credentials.ts';
import { needOf } from '../../../src/http/access/scopes.ts';

function made(name: string, fill: number): { readonly key: string; readonly line: string } {
  const one = makeKey(name, 'enrich', Buffer.alloc(32, fill));
  assert.ok('key' in one);
  return one;
}

test('makes keys whose line in the file lets them in, and nothing else', () => {
  const first = made('first', 1);
  const second = made('second', 2);
  const ring = new KeyRing();
  ring.replace(parseKeyFile(`${first.line}\n${second.line}`).keys);

  assert.equal(ring.identify(first.key)?.name, 'first');
  assert.equal(ring.identify(second.key)?.name, 'second');
  for (const wrong of [
    '',
    first.key.slice(0, -1),
    `${first.key}A`,
    first.line,
    first.line.split(':')[2] ?? '',
  ]) {
    assert.equal(ring.identify(wrong), undefined, wrong);
  }
});

test('shows the whole 256 bits in a key, and only their digest in its line', () => {
  const { key, line } = made('name', 7);
  const random = key.slice('detrails_'.length);

  assert.deepEqual(Buffer.from(random, 'base64url'), Buffer.alloc(32, 7));
  assert.equal(line, `name:enrich:${createHash('sha256').update(key).digest('hex')}`);
  assert.ok(!line.includes(random));
});

test('makes no key for a name or a scope that the file would refuse', () => {
  assert.deepEqual(Object.keys(makeKey('a b', 'enrich', Buffer.alloc(32))), ['faults']);
  assert.deepEqual(Object.keys(makeKey('a', 'admin', Buffer.alloc(32))), ['faults']);
  assert.deepEqual(Object.keys(makeKey('a', 'enrich:x', Buffer.alloc(32))), ['faults']);
});

test('lets nobody in before there are keys', () => {
  assert.equal(new KeyRing().identify(''), undefined);
});

test('finds the key in Bearer and in Basic, whatever the user name is', () => {
  const basic = (pair: string) => `Basic ${Buffer.from(pair).toString('base64')}`;

  assert.equal(readCredentials('Bearer k1'), 'k1');
  assert.equal(readCredentials('bearer  k1 '), 'k1');
  assert.equal(readCredentials(basic('logstash:k1')), 'k1');
  assert.equal(readCredentials(basic(':k1')), 'k1');
  assert.equal(readCredentials(basic('user:k:1')), 'k:1', 'only the first colon separates');
});

test('finds no key in anything else', () => {
  const others = [undefined, '', 'k1', 'Bearer', 'Bearer ', 'Digest k1', 'Basic ', 'Basic !!', 'Basic azE='];
  for (const header of [...others, `Bearer ${'k'.repeat(1024)}`]) {
    assert.equal(readCredentials(header), undefined, header?.slice(0, 20));
  }
});

test('asks for a known caller on routes that nobody gave a scope', () => {
  assert.equal(needOf('/v1/new-route'), 'known');
  assert.equal(needOf(undefined), 'known');
  assert.equal(needOf('/docs/static/*'), 'known');
  assert.equal(needOf('/livez'), 'nothing');
});
