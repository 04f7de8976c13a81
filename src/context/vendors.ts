import { z } from 'zod';

/** The shape of `data/vendors.json`: accounts that other organizations have published as theirs. */
export const vendorsFileSchema = z.strictObject({
  /** The day on which the ids were last read at their sources. */
  read: z.iso.date(),
  vendors: z.array(
    z.strictObject({
      name: z.string().min(1),
      /** `aws` for accounts of AWS's own services. */
      kind: z.enum(['vendor', 'aws']),
      accounts: z.array(z.string().regex(/^[0-9]{12}$/)).min(1),
      /** Where the owner (or, failing that, a public repository) names the id. */
      source: z.url(),
    }),
  ),
});

/** The content of `data/vendors.json`. */
export type VendorsFile = z.infer<typeof vendorsFileSchema>;

/** Account id to the name of the vendor whose it is. */
export type Vendors = ReadonlyMap<string, string>;

/** Reads `data/vendors.json`. Throws on a malformed file: it is ours, not a user's. */
export function readVendors(file: unknown): Vendors {
  const names = new Map<string, string>();
  for (const { name, accounts } of vendorsFileSchema.parse(file).vendors) {
    for (const account of accounts) names.set(account, name);
  }
  return names;
}
