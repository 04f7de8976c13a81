import { createHash } from 'node:crypto';
import { parseKeyFile } from './parse-key-file.ts';

/** A new key: what its holder gets, and what goes into the file. */
export type NewKey = { readonly key: string; readonly line: string };

/** Lets scanners for leaked secrets find our keys. */
const PREFIX = 'detrails_';

/**
 * Makes a key of 256 bits.
 * @param scopes as in the file: `enrich` or `read,metrics`
 * @param random 32 random bytes
 * @returns the faults of name or scopes instead, if there are any
 */
export function makeKey(
  name: string,
  scopes: string,
  random: Buffer,
): NewKey | { readonly faults: readonly string[] } {
  const key = PREFIX + random.toString('base64url');
  const line = `${name}:${scopes}:${createHash('sha256').update(key).digest('hex')}`;
  const { faults } = parseKeyFile(line);
  return faults.length === 0 ? { key, line } : { faults: faults.map(({ message }) => message) };
}
