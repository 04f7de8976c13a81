import { parseCidr } from './ip.ts';
import type { DocumentPath } from './read-yaml.ts';

/** Entries that contradict each other or name what is not there. */
export type Conflict = { readonly path: DocumentPath; readonly message: string };

/**
 * What is wrong between the entries of a company file, each right in itself. Works on a file that has
 * other faults too (they are told by the schema, all at once), so it reads loosely and skips what is no
 * text or list.
 */
export function companyConflicts(company: unknown): readonly Conflict[] {
  const conflicts: Conflict[] = [];
  const owners = new Set<string>();
  for (const { value, path } of values(company, 'accounts', 'id')) {
    if (owners.has(value)) conflicts.push({ path, message: 'is listed twice' });
    owners.add(value);
  }
  const vendors = new Set<string>();
  for (const { value, path } of values(company, 'vendors', 'accounts')) {
    if (owners.has(value)) conflicts.push({ path, message: 'is one of your own accounts too' });
    else if (vendors.has(value)) conflicts.push({ path, message: 'is listed twice' });
    vendors.add(value);
  }
  const networks = new Set<string>();
  for (const { value, path } of values(company, 'networks', 'cidr')) {
    const network = canonical(value);
    if (network === undefined) continue;
    if (networks.has(network)) conflicts.push({ path, message: 'is listed twice' });
    networks.add(network);
  }
  const names = new Set([...values(company, 'networks', 'name')].map(({ value }) => value));
  for (const { value, path } of values(company, 'roles', 'from')) {
    if (!names.has(value) && parseCidr(value) === undefined) {
      conflicts.push({ path, message: 'is neither the name of a network in this file nor a network' });
    }
  }
  return conflicts;
}

function canonical(cidr: string): string | undefined {
  const parsed = parseCidr(cidr);
  return parsed === undefined ? undefined : `${parsed.address.join('.')}/${parsed.prefix}`;
}

/** Every text under `list[i].key`, which may be one text or a list of them, with its path. */
function* values(root: unknown, list: string, key: string): Generator<{ value: string; path: DocumentPath }> {
  const entries = member(root, list);
  if (!Array.isArray(entries)) return;
  for (const [index, entry] of entries.entries()) {
    const value = member(entry, key);
    if (typeof value === 'string') yield { value, path: [list, index, key] };
    if (!Array.isArray(value)) continue;
    for (const [at, item] of value.entries()) {
      if (typeof item === 'string') yield { value: item, path: [list, index, key, at] };
    }
  }
}

function member(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
  return (value as Record<string, unknown>)[key];
}
