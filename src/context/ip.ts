/** An IP address as its bytes: 4 for IPv4, 16 for IPv6. IPv4-mapped IPv6 addresses are IPv4. */
export type IpAddress = Uint8Array;

/** A network: its first address and how many leading bits it fixes. */
export type Cidr = { readonly address: IpAddress; readonly prefix: number };

/** The longest text an address can be: `ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255`. */
const LONGEST_ADDRESS = 45;

/**
 * The bytes of an IPv4 or IPv6 address, or undefined when `text` is none. Strict: no leading zeros (they
 * would be octal to some readers), no zone, no surrounding space. CloudTrail also writes host names,
 * `AWS Internal` and console markers where an address is expected; those are undefined.
 */
export function parseAddress(text: string): IpAddress | undefined {
  if (text.length < 2 || text.length > LONGEST_ADDRESS) return undefined;
  if (!text.includes(':')) return parseV4(text, 0, text.length);
  const words = parseV6Words(text);
  return words === undefined ? undefined : unmapped(words);
}

/** A network in CIDR notation; a bare address is a network of one. Undefined when `text` is neither. */
export function parseCidr(text: string): Cidr | undefined {
  const slash = text.indexOf('/');
  const address = parseAddress(slash === -1 ? text : text.slice(0, slash));
  if (address === undefined) return undefined;
  const bits = address.length * 8;
  if (slash === -1) return { address, prefix: bits };
  const length = text.slice(slash + 1);
  if (!/^(?:0|[1-9][0-9]{0,2})$/.test(length)) return undefined;
  // `::ffff:10.0.0.0/104` is `10.0.0.0/8`: the mapped form counts 96 more bits.
  const mapped = address.length === 4 && text.includes(':');
  const prefix = Number(length) - (mapped ? 96 : 0);
  return prefix < 0 || prefix > bits ? undefined : { address, prefix };
}

/** True when an address bit behind the prefix is set: `10.1.2.3/8` rather than `10.0.0.0/8`. */
export function hasHostBits(cidr: Cidr): boolean {
  for (let bit = cidr.prefix; bit < cidr.address.length * 8; bit += 1) {
    if (bitAt(cidr.address, bit) === 1) return true;
  }
  return false;
}

/** Bit `index` of an address, the most significant first. */
export function bitAt(address: IpAddress, index: number): 0 | 1 {
  return (((address[index >> 3] ?? 0) >> (7 - (index & 7))) & 1) as 0 | 1;
}

function parseV4(text: string, from: number, to: number): IpAddress | undefined {
  const bytes = new Uint8Array(4);
  let part = 0;
  let digits = 0;
  let value = 0;
  for (let at = from; at <= to; at += 1) {
    const code = at === to ? 46 : text.charCodeAt(at);
    if (code === 46) {
      if (digits === 0 || part > 3) return undefined;
      bytes[part] = value;
      part += 1;
      digits = 0;
      value = 0;
    } else {
      if (code < 48 || code > 57 || (digits > 0 && value === 0)) return undefined;
      value = value * 10 + code - 48;
      digits += 1;
      if (value > 255) return undefined;
    }
  }
  return part === 4 ? bytes : undefined;
}

function parseV6Words(text: string): number[] | undefined {
  const gap = text.indexOf('::');
  if (gap === -1) {
    const words = groups(text);
    return words?.length === 8 ? words : undefined;
  }
  if (text.indexOf('::', gap + 1) !== -1) return undefined;
  const left = gap === 0 ? [] : groups(text.slice(0, gap), false);
  const right = gap + 2 === text.length ? [] : groups(text.slice(gap + 2));
  if (left === undefined || right === undefined || left.length + right.length > 7) return undefined;
  return [...left, ...new Array<number>(8 - left.length - right.length).fill(0), ...right];
}

function groups(text: string, mayEndInV4 = true): number[] | undefined {
  const words: number[] = [];
  const parts = text.split(':');
  for (const [index, part] of parts.entries()) {
    if (part.includes('.')) {
      const v4 = parseV4(part, 0, part.length);
      if (v4 === undefined || !mayEndInV4 || index !== parts.length - 1) return undefined;
      words.push(((v4[0] ?? 0) << 8) | (v4[1] ?? 0), ((v4[2] ?? 0) << 8) | (v4[3] ?? 0));
    } else {
      if (!/^[0-9a-fA-F]{1,4}$/.test(part)) return undefined;
      words.push(Number.parseInt(part, 16));
    }
  }
  return words;
}

function unmapped(words: readonly number[]): IpAddress {
  const bytes = new Uint8Array(16);
  for (const [index, word] of words.entries()) {
    bytes[index * 2] = word >> 8;
    bytes[index * 2 + 1] = word & 255;
  }
  const mapped = words.slice(0, 5).every((word) => word === 0) && words[5] === 0xffff;
  return mapped ? bytes.slice(12) : bytes;
}
