import { buildCidrTable, type CidrTable } from './cidr-table.ts';
import { parseAddress } from './ip.ts';

/** Addresses of Tor exits. */
export type TorExits = CidrTable<true>;

const MOST_LINES = 200_000;

/**
 * Reads a list of Tor exits: one address per line (the project's bulk exit list) or its `exit-addresses`
 * format, whose lines `ExitAddress <address> <time>` count. Empty lines and `#` comments are skipped.
 * Undefined when any other line is found (an error page saved as a list) or none holds an address.
 *
 * @see https://metrics.torproject.org/collector.html#type-tordnsel
 */
export function parseTorExits(text: string): TorExits | undefined {
  const addresses: [{ address: Uint8Array; prefix: number }, true][] = [];
  const lines = text.split('\n', MOST_LINES);
  for (const line of lines) {
    const [word = '', second = ''] = line.trim().split(/\s/, 2);
    if (word === '' || word.startsWith('#') || OTHER_LINES.has(word)) continue;
    const address = parseAddress(word === 'ExitAddress' ? second : word);
    if (address === undefined) return undefined;
    addresses.push([{ address, prefix: address.length * 8 }, true]);
  }
  return addresses.length === 0 ? undefined : buildCidrTable(addresses);
}

/** The other keywords of the `exit-addresses` format. */
const OTHER_LINES = new Set(['ExitNode', 'Published', 'LastStatus', '@type', 'Downloaded']);
