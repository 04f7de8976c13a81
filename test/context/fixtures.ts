import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAwsRanges } from '../../src/context/aws-ranges.ts';
import { geoDatabases, readMmdb } from '../../src/context/geo-databases.ts';
import { parseCompanyFile } from '../../src/context/parse-company-file.ts';
import { buildSnapshot, type SnapshotParts } from '../../src/context/snapshot.ts';
import { buildToolKnowledge } from '../../src/context/tools.ts';
import { parseTorExits } from '../../src/context/tor-exits.ts';
import { readVendors } from '../../src/context/vendors.ts';
import { readDataFile } from '../../src/knowledge/data-file.ts';
import { projectRoot } from '../shared.ts';
import { writeMmdb } from './mmdb-writer.ts';

/** The fictitious company of test/fixtures/company.yaml as snapshot parts. */
export function companyParts(): SnapshotParts {
  const path = join(projectRoot(), 'test', 'fixtures', 'company.yaml');
  const file = parseCompanyFile(readFileSync(path, 'utf8'), 'yaml');
  if (!file.ok) throw new Error('test/fixtures/company.yaml is broken');
  return { ...bareParts(), company: file.company };
}

/** What is there without any configuration. */
export function bareParts(): SnapshotParts {
  return {
    vendors: readVendors(readDataFile('vendors.json')),
    tools: buildToolKnowledge(readDataFile('tools.json')),
  };
}

/** The same with lists of networks, all of documentation addresses. */
export function partsWithNetworkFacts(): SnapshotParts {
  const readers = [
    readMmdb(
      writeMmdb('GeoLite2-Country', {
        '192.0.2.0/24': { country: { iso_code: 'DE' } },
        '198.51.100.0/24': { country: { iso_code: 'DE' } },
      }),
    ),
    readMmdb(
      writeMmdb('GeoLite2-ASN', {
        '192.0.2.0/24': { autonomous_system_number: 64_496, autonomous_system_organization: 'Example Net' },
      }),
    ),
  ].filter((reader) => reader !== undefined);
  const ranges = ['192.0.2.0/24', '198.51.100.0/24'];
  return {
    ...companyParts(),
    awsRanges: parseAwsRanges(
      JSON.stringify({
        prefixes: ranges.map((ip_prefix) => ({ ip_prefix, region: 'eu-west-1', service: 'EC2' })),
        ipv6_prefixes: [],
      }),
    ),
    torExits: parseTorExits('192.0.2.200\n'),
    mmdb: geoDatabases(readers),
  };
}

/** A snapshot of {@link companyParts}. */
export function companySnapshot() {
  return buildSnapshot(companyParts());
}
