import { bitAt, type Cidr, parseCidr } from '../../src/context/ip.ts';

/** A value of a MaxMind database, as far as tests need it. */
export type MmdbValue = string | number | { readonly [key: string]: MmdbValue };

/**
 * Writes a minimal MaxMind DB: an IPv6 tree of 24-bit records with IPv4 at `::/96`, where readers look for
 * it.
 *
 * @see https://maxmind.github.io/MaxMind-DB/
 */
export function writeMmdb(databaseType: string, networks: Readonly<Record<string, MmdbValue>>): Buffer {
  const nodes: [number, number][] = [[-1, -1]];
  const data: Buffer[] = [];
  let dataBytes = 0;
  const leaves: [node: number, side: 0 | 1, offset: number][] = [];
  for (const [text, value] of Object.entries(networks)) {
    leaves.push([...place(nodes, treeCidr(text)), dataBytes]);
    const encoded = encode(value);
    data.push(encoded);
    dataBytes += encoded.length;
  }
  const count = nodes.length;
  for (const [node, side, offset] of leaves) (nodes[node] ?? [0, 0])[side] = count + 16 + offset;
  const tree = Buffer.concat(
    nodes.map((pair) => {
      const bytes = Buffer.alloc(6);
      bytes.writeUIntBE(pair[0] === -1 ? count : pair[0], 0, 3);
      bytes.writeUIntBE(pair[1] === -1 ? count : pair[1], 3, 3);
      return bytes;
    }),
  );
  const metadata = encode({
    binary_format_major_version: 2,
    binary_format_minor_version: 0,
    build_epoch: 1_790_000_000,
    database_type: databaseType,
    description: { en: 'test' },
    ip_version: 6,
    node_count: count,
    record_size: 24,
  });
  const marker = Buffer.from('\xab\xcd\xefMaxMind.com', 'latin1');
  return Buffer.concat([tree, Buffer.alloc(16), ...data, marker, metadata]);
}

function treeCidr(text: string): Cidr {
  const cidr = parseCidr(text);
  if (cidr === undefined) throw new Error(`no network: ${text}`);
  if (cidr.address.length === 16) return cidr;
  const address = new Uint8Array(16);
  address.set(cidr.address, 12);
  return { address, prefix: cidr.prefix + 96 };
}

function place(nodes: [number, number][], cidr: Cidr): [node: number, side: 0 | 1] {
  let node = 0;
  for (let bit = 0; bit < cidr.prefix - 1; bit += 1) {
    const side = bitAt(cidr.address, bit);
    const pair = nodes[node] ?? [-1, -1];
    if (pair[side] === -1) {
      pair[side] = nodes.length;
      nodes.push([-1, -1]);
    }
    node = pair[side];
  }
  return [node, bitAt(cidr.address, cidr.prefix - 1)];
}

/** Types 2 (text), 6 (unsigned 32-bit) and 7 (map), each shorter than 29 bytes or entries, or a long text. */
function encode(value: MmdbValue): Buffer {
  if (typeof value === 'string') {
    const text = Buffer.from(value);
    const control = text.length < 29 ? [(2 << 5) | text.length] : [(2 << 5) | 29, text.length - 29];
    return Buffer.concat([Buffer.from(control), text]);
  }
  if (typeof value === 'number') {
    const bytes = Buffer.alloc(5);
    bytes[0] = (6 << 5) | 4;
    bytes.writeUInt32BE(value, 1);
    return bytes;
  }
  const entries = Object.entries(value);
  const parts = entries.flatMap(([key, member]) => [encode(key), encode(member)]);
  return Buffer.concat([Buffer.from([(7 << 5) | entries.length]), ...parts]);
}
