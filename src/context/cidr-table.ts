import { bitAt, type Cidr, type IpAddress } from './ip.ts';

/**
 * Networks by longest prefix: of all that contain an address, the smallest one answers. A binary trie per
 * address family, so that a look-up costs at most 32 (IPv4) or 128 (IPv6) steps, however many networks
 * there are, and usually ends far earlier.
 */
export type CidrTable<Value> = {
  /** What the smallest network around `address` stands for, or undefined when none holds it. */
  lookup(address: IpAddress): Value | undefined;
  /** How many distinct networks it holds. */
  readonly size: number;
};

/** Builds the table. Of two entries for the very same network the first wins. */
export function buildCidrTable<Value>(
  entries: Iterable<readonly [cidr: Cidr, value: Value]>,
): CidrTable<Value> {
  const v4 = new Trie<Value>();
  const v6 = new Trie<Value>();
  for (const [cidr, value] of entries) (cidr.address.length === 4 ? v4 : v6).insert(cidr, value);
  return {
    lookup: (address) => (address.length === 4 ? v4 : v6).lookup(address),
    size: v4.size + v6.size,
  };
}

/** Nodes as numbers in flat arrays: `children[2n]` and `[2n + 1]` are the nodes below node n, 0 for none. */
class Trie<Value> {
  size = 0;
  #children = new Int32Array(64);
  #values: (Value | undefined)[] = [undefined];
  #nodes = 1;

  insert(cidr: Cidr, value: Value): void {
    let node = 0;
    for (let bit = 0; bit < cidr.prefix; bit += 1) node = this.#step(node, bitAt(cidr.address, bit));
    if (this.#values[node] !== undefined) return;
    this.#values[node] = value;
    this.size += 1;
  }

  lookup(address: IpAddress): Value | undefined {
    const bits = address.length * 8;
    let node = 0;
    let found = this.#values[0];
    for (let bit = 0; bit < bits; bit += 1) {
      node = this.#children[node * 2 + bitAt(address, bit)] ?? 0;
      if (node === 0) break;
      found = this.#values[node] ?? found;
    }
    return found;
  }

  #step(node: number, side: 0 | 1): number {
    const slot = node * 2 + side;
    const below = this.#children[slot] ?? 0;
    if (below !== 0) return below;
    const added = this.#nodes;
    this.#nodes += 1;
    if (this.#nodes * 2 > this.#children.length) this.#grow();
    this.#children[slot] = added;
    this.#values.push(undefined);
    return added;
  }

  #grow(): void {
    const larger = new Int32Array(this.#children.length * 2);
    larger.set(this.#children);
    this.#children = larger;
  }
}
