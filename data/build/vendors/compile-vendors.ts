import { type VendorsFile, vendorsFileSchema } from '../../../src/context/vendors.ts';

/** The text of `data/vendors.json` from the hand-kept list. Throws when an account has two owners. */
export function compileVendors(kept: Pick<VendorsFile, 'read' | 'vendors'>): string {
  const vendors = kept.vendors
    .map(({ name, kind, accounts, source }) => ({ name, kind, accounts: [...accounts].sort(), source }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const file = vendorsFileSchema.parse({ read: kept.read, vendors });
  const ids = vendors.flatMap(({ accounts }) => accounts);
  if (new Set(ids).size !== ids.length) throw new Error('an account has two owners');
  const rows = file.vendors.map((vendor) => JSON.stringify(vendor)).join(',\n');
  return `{"read":${JSON.stringify(file.read)},"vendors":[\n${rows}\n]}\n`;
}
