import { type Document, isMap, isSeq, parseDocument, Scalar, YAMLMap, YAMLSeq } from 'yaml';
import { z } from 'zod';

/**
 * What `aws organizations list-accounts` prints, as far as we read it. Owner addresses (`Email`) are left
 * where they are: an address is no owner's name, and the file goes to many eyes.
 *
 * @see https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListAccounts.html
 */
const listingSchema = z.object({
  Accounts: z
    .array(z.object({ Id: z.string().regex(/^[0-9]{12}$/), Name: z.string().max(256).optional() }))
    .max(100_000),
});

/** What an import did, and the text of the new company file. */
export type Imported =
  | { readonly ok: true; readonly text: string; readonly added: number; readonly named: number }
  | { readonly ok: false; readonly problem: string };

/**
 * Adds the accounts of an organization to a company file. What the file says already stays, comments
 * included: an account it knows gets a name if it has none, and nothing else is touched. Accounts that left
 * the organization stay too, because old events still name them. Importing twice changes nothing.
 *
 * @param listing JSON text printed by `aws organizations list-accounts`
 * @param existing YAML text of the company file so far; empty for a new one
 */
export function importOrganizations(listing: string, existing: string): Imported {
  const parsed = listingSchema.safeParse(parseJson(listing));
  if (!parsed.success) return { ok: false, problem: 'the listing is not the output of list-accounts' };
  const document: Document = parseDocument(existing, { schema: 'failsafe' });
  if (document.errors.length > 0) return { ok: false, problem: 'the company file cannot be read as YAML' };
  document.contents ??= new YAMLMap();
  if (!isMap(document.contents)) return { ok: false, problem: 'the company file holds no object' };
  if (!document.has('accounts')) document.set('accounts', new YAMLSeq());
  const accounts = document.get('accounts');
  if (!isSeq(accounts)) return { ok: false, problem: 'accounts of the company file is no list' };

  const known = new Map<string, YAMLMap>();
  for (const item of accounts.items) if (isMap(item)) known.set(String(item.get('id')), item);
  const counts = { added: 0, named: 0 };
  for (const { Id, Name } of parsed.data.Accounts) {
    const name = Name === undefined || Name === '' ? undefined : quoted(Name);
    const entry = known.get(Id);
    if (entry === undefined) {
      const added = new YAMLMap();
      added.set('id', quoted(Id));
      if (name !== undefined) added.set('name', name);
      accounts.add(added);
      known.set(Id, added);
      counts.added += 1;
    } else if (!entry.has('name') && name !== undefined) {
      entry.set('name', name);
      counts.named += 1;
    }
  }
  // An empty list written `[]` would keep its brackets around everything added.
  accounts.flow = false;
  return { ok: true, text: document.toString({ lineWidth: 0 }), ...counts };
}

/** Quoted, for other readers: to most of them `012345678901` is a number and `yes` a boolean. */
function quoted(text: string): Scalar {
  const scalar = new Scalar(text);
  scalar.type = Scalar.QUOTE_DOUBLE;
  return scalar;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
