import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type VendorsFile, vendorsFileSchema } from '../../src/context/vendors.ts';

/*
 * Builds data/vendors.json from the hand-kept list. Run from the project root; running it twice changes
 * nothing. Stops when an account has two owners.
 */
const root = process.cwd();
const kept = JSON.parse(readFileSync(join(root, 'data', 'build', 'vendors', 'vendors.json'), 'utf8')) as {
  readonly read: string;
  readonly vendors: VendorsFile['vendors'];
};
const vendors = kept.vendors
  .map(({ name, kind, accounts, source }) => ({ name, kind, accounts: [...accounts].sort(), source }))
  .sort((a, b) => (a.name < b.name ? -1 : 1));
const file = vendorsFileSchema.parse({ read: kept.read, vendors });
const ids = vendors.flatMap(({ accounts }) => accounts);
if (new Set(ids).size !== ids.length) throw new Error('an account has two owners');
const rows = file.vendors.map((vendor) => JSON.stringify(vendor)).join(',\n');
writeFileSync(
  join(root, 'data', 'vendors.json'),
  `{"read":${JSON.stringify(file.read)},"vendors":[\n${rows}\n]}\n`,
);
console.log(`data/vendors.json: ${vendors.length} vendors, ${ids.length} accounts`);
