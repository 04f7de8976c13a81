import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { buildCidrTable } from '../../src/context/cidr-table.ts';
import { bitAt, type Cidr, type IpAddress } from '../../src/context/ip.ts';

/** Few distinct bytes, so that networks nest and addresses hit them. */
const byte = fc.constantFrom(0, 1, 10, 127, 128, 255);
const address = (length: number): fc.Arbitrary<IpAddress> =>
  fc.array(byte, { minLength: length, maxLength: length }).map((bytes) => Uint8Array.from(bytes));
const cidr = (length: number): fc.Arbitrary<Cidr> =>
  fc.record({ address: address(length), prefix: fc.integer({ min: 0, max: length * 8 }) });

for (const length of [4, 16]) {
  test(`the smallest network around an address of ${length} bytes answers, as a search of all would say`, () => {
    fc.assert(
      fc.property(fc.array(cidr(length), { maxLength: 30 }), address(length), (networks, wanted) => {
        const table = buildCidrTable(networks.map((network, index) => [network, index] as const));

        assert.equal(table.lookup(wanted), searchAll(networks, wanted));
      }),
    );
  });
}

function searchAll(networks: readonly Cidr[], wanted: IpAddress): number | undefined {
  let best: number | undefined;
  for (const [index, network] of networks.entries()) {
    const held = Array.from({ length: network.prefix }, (_, bit) => bit).every(
      (bit) => bitAt(network.address, bit) === bitAt(wanted, bit),
    );
    if (held && (best === undefined || network.prefix > (networks[best]?.prefix ?? 0))) best = index;
  }
  return best;
}
