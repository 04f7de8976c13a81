import { SCOPES, type Scope } from './scopes.ts';

/** One key that is let in. The key itself is not known here, only its SHA-256. */
export type ApiKey = {
  readonly name: string;
  readonly scopes: ReadonlySet<Scope>;
  /** 32 bytes. */
  readonly digest: Buffer;
};

/** Something wrong with the file, and where. Never holds a digest. */
export type KeyFileFault = { readonly line: number; readonly message: string };

export type ParsedKeyFile = {
  readonly keys: readonly ApiKey[];
  readonly faults: readonly KeyFileFault[];
};

/** Every request is compared with every key, so their number is bounded. */
const MAX_KEYS = 1000;
const NAME = /^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$/;
const DIGEST = /^[0-9a-fA-F]{64}$/;

/**
 * Reads a key file: one `name:scopes:sha256-hex` per line, scopes separated by commas; empty lines and
 * lines that start with `#` say nothing. Finds all faults at once; with any fault no key counts.
 */
export function parseKeyFile(text: string): ParsedKeyFile {
  const keys: ApiKey[] = [];
  const faults: KeyFileFault[] = [];
  const linesOf = { name: new Map<string, number>(), digest: new Map<string, number>() };

  for (const [index, raw] of text
    .replace(/^\uFEFF/, '')
    .split('\n')
    .entries()) {
    const content = raw.trim();
    if (content === '' || content.startsWith('#')) continue;
    const line = index + 1;
    const fault = (message: string): void => {
      faults.push({ line, message });
    };
    const [name = '', scopeList = '', hex = '', ...rest] = content.split(':').map((part) => part.trim());
    if (hex === '' || rest.length > 0) {
      fault('is not name:scopes:sha256-hex');
      continue;
    }
    if (!NAME.test(name)) fault('the name must be 1 to 64 of A-Z a-z 0-9 . _ @ -, and not start with a sign');
    const scopes = readScopes(scopeList, fault);
    if (!DIGEST.test(hex)) fault('the digest must be 64 hexadecimal digits: SHA-256 of the key, not the key');
    refuseRepeated(linesOf.name, name, line, 'the name', fault);
    refuseRepeated(linesOf.digest, hex.toLowerCase(), line, 'the digest', fault);
    keys.push({ name, scopes, digest: Buffer.from(hex, 'hex') });
  }

  if (keys.length === 0 && faults.length === 0) faults.push({ line: 1, message: 'holds no key' });
  if (keys.length > MAX_KEYS) faults.push({ line: 1, message: `holds more than ${MAX_KEYS} keys` });
  return { keys: faults.length === 0 ? keys : [], faults };
}

function readScopes(list: string, fault: (message: string) => void): ReadonlySet<Scope> {
  const scopes = new Set<Scope>();
  for (const given of list.split(',').map((part) => part.trim())) {
    const scope = SCOPES.find((one) => one === given);
    if (scope !== undefined) scopes.add(scope);
    else fault(`the scopes must be some of ${SCOPES.join(', ')}, separated by commas`);
  }
  return scopes;
}

function refuseRepeated(
  seen: Map<string, number>,
  value: string,
  line: number,
  what: string,
  fault: (message: string) => void,
): void {
  const first = seen.get(value);
  if (first === undefined) seen.set(value, line);
  else fault(`${what} is that of line ${first} already`);
}
