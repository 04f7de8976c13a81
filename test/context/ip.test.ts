import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hasHostBits, parseAddress, parseCidr } from '../../src/context/ip.ts';
import { readCases } from '../read-cases.ts';

for (const { name, why, input, expected } of readCases<string, string | null>('context/addresses.json')) {
  test(`reads ${name}`, () => {
    assert.equal(parseAddress(input)?.join('.') ?? null, expected, why);
  });
}

test('reads a network, and a bare address as a network of one', () => {
  assert.deepEqual(parseCidr('10.0.0.0/8'), { address: Uint8Array.of(10, 0, 0, 0), prefix: 8 });
  assert.equal(parseCidr('2001:db8::/32')?.prefix, 32);
  assert.equal(parseCidr('192.0.2.1')?.prefix, 32);
  assert.equal(parseCidr('0.0.0.0/0')?.prefix, 0);
  assert.deepEqual(parseCidr('::ffff:10.0.0.0/104'), parseCidr('10.0.0.0/8'));
});

test('refuses what is no network', () => {
  for (const text of [
    '10.0.0.0/33',
    '10.0.0.0/',
    '10.0.0.0/08',
    '10.0.0.0/-1',
    '::/129',
    'x/8',
    '/8',
    '::ffff:10.0.0.0/8',
  ]) {
    assert.equal(parseCidr(text), undefined, text);
  }
});

test('sees address bits behind the prefix', () => {
  const hostBits = (text: string): boolean | undefined => {
    const cidr = parseCidr(text);
    return cidr && hasHostBits(cidr);
  };

  assert.equal(hostBits('10.1.2.3/8'), true);
  assert.equal(hostBits('2001:db8::1/64'), true);
  assert.equal(hostBits('10.0.0.0/8'), false);
  assert.equal(hostBits('192.0.2.1'), false);
});
