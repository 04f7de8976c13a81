import assert from 'node:assert/strict';
import { test } from 'node:test';
import { geoDatabases, readMmdb } from '../../src/context/geo-databases.ts';
import { writeMmdb } from './mmdb-writer.ts';

const country = readMmdb(
  writeMmdb('GeoLite2-Country', {
    '192.0.2.0/24': { country: { iso_code: 'DE' } },
    '2001:db8::/32': { country: { iso_code: 'NO' } },
  }),
);
const asn = readMmdb(
  writeMmdb('GeoLite2-ASN', {
    '192.0.2.0/25': { autonomous_system_number: 64_496, autonomous_system_organization: 'Example Net' },
  }),
);
const enterprise = readMmdb(
  writeMmdb('GeoIP2-Enterprise', {
    '192.0.2.0/24': { traits: { autonomous_system_number: 64_500, autonomous_system_organization: 'Other' } },
  }),
);

test('joins what several databases know', () => {
  assert.ok(country && asn && enterprise);
  const geo = geoDatabases([country, asn, enterprise]);

  assert.deepEqual(geo.lookup('192.0.2.1'), { country: 'DE', asn: 64_496, organization: 'Example Net' });
  assert.deepEqual(geo.lookup('192.0.2.200'), { country: 'DE', asn: 64_500, organization: 'Other' });
  assert.deepEqual(geo.lookup('2001:db8::7'), { country: 'NO' });
});

test('says nothing of an address no database knows', () => {
  assert.ok(country);

  assert.equal(geoDatabases([country]).lookup('198.51.100.1'), undefined);
  assert.equal(geoDatabases([]).lookup('192.0.2.1'), undefined);
});

test('bytes that are no database are none', () => {
  const whole = writeMmdb('GeoLite2-Country', { '192.0.2.0/24': { country: { iso_code: 'DE' } } });

  assert.equal(readMmdb(Buffer.from('<html>')), undefined);
  assert.equal(readMmdb(Buffer.alloc(0)), undefined);
  assert.equal(readMmdb(whole.subarray(0, whole.length / 2)), undefined);
});

test('a database with a broken record says nothing of it, and harms nobody', () => {
  const broken = writeMmdb('GeoLite2-Country', { '198.51.100.0/24': { country: { iso_code: 'DE' } } });
  const at = broken.indexOf('iso_code');
  broken.fill(0xff, at - 1, at + 8);
  const reader = readMmdb(broken);
  assert.ok(reader);

  assert.equal(geoDatabases([reader]).lookup('198.51.100.1'), undefined);
});
