import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseAwsRanges } from '../../src/context/aws-ranges.ts';
import { parseAddress } from '../../src/context/ip.ts';
import { parseTorExits } from '../../src/context/tor-exits.ts';

const at = (text: string): Uint8Array => parseAddress(text) ?? new Uint8Array(4);

const ranges = JSON.stringify({
  syncToken: '1',
  createDate: '2026-01-01-00-00-00',
  prefixes: [
    { ip_prefix: '192.0.2.0/24', region: 'eu-west-1', service: 'AMAZON', network_border_group: 'eu-west-1' },
    { ip_prefix: '192.0.2.0/25', region: 'eu-west-1', service: 'AMAZON', network_border_group: 'eu-west-1' },
    { ip_prefix: '192.0.2.0/25', region: 'eu-west-1', service: 'EC2', network_border_group: 'eu-west-1' },
  ],
  ipv6_prefixes: [{ ipv6_prefix: '2001:db8::/32', region: 'GLOBAL', service: 'CLOUDFRONT' }],
});

test("reads AWS's ranges and prefers the telling name of a range to AMAZON", () => {
  const table = parseAwsRanges(ranges);

  assert.deepEqual(table?.lookup(at('192.0.2.1')), { region: 'eu-west-1', service: 'EC2' });
  assert.deepEqual(table?.lookup(at('192.0.2.200')), { region: 'eu-west-1', service: 'AMAZON' });
  assert.deepEqual(table?.lookup(at('2001:db8::1')), { region: 'GLOBAL', service: 'CLOUDFRONT' });
  assert.equal(table?.lookup(at('198.51.100.1')), undefined);
});

test("what is not AWS's file is no ranges", () => {
  for (const text of [
    '',
    '<html>',
    '{}',
    '[]',
    '{"prefixes":[],"ipv6_prefixes":[]}',
    ranges.replace('192.0.2.0/25', 'x'),
  ]) {
    assert.equal(parseAwsRanges(text), undefined, text.slice(0, 40));
  }
});

test('reads a list of Tor exits, one per line', () => {
  const exits = parseTorExits('# exits\n192.0.2.1\r\n\n2001:db8::1\n');

  assert.equal(exits?.lookup(at('192.0.2.1')), true);
  assert.equal(exits?.lookup(at('2001:db8::1')), true);
  assert.equal(exits?.lookup(at('192.0.2.2')), undefined);
});

test('reads the exit-addresses format', () => {
  const exits = parseTorExits(
    [
      'ExitNode 0011BD2485AD45D984EC4159C88FC066E5E3300E',
      'Published 2026-11-20 01:02:03',
      'LastStatus 2026-11-20 02:00:00',
      'ExitAddress 192.0.2.9 2026-11-20 02:05:06',
    ].join('\n'),
  );

  assert.equal(exits?.size, 1);
  assert.equal(exits?.lookup(at('192.0.2.9')), true);
});

test('an error page saved as a list is no list', () => {
  assert.equal(parseTorExits('<html>\n192.0.2.1\n'), undefined);
  assert.equal(parseTorExits('\n# nothing\n'), undefined);
});
