import type { AwsRanges } from './aws-ranges.ts';
import { buildCidrTable, type CidrTable } from './cidr-table.ts';
import type { CompanyNetwork } from './company.ts';
import type { GeoDatabases, GeoFacts } from './geo-databases.ts';
import { type IpAddress, parseAddress, parseCidr } from './ip.ts';
import { Recent } from './recent.ts';
import type { TorExits } from './tor-exits.ts';

/** Where an address is: the members of `detrails.context.network`. */
export type Network = {
  readonly name?: string;
  readonly kind?: string;
  readonly trusted?: boolean;
  readonly country?: string;
  readonly asn?: number;
  readonly organization?: string;
};

/** Everything configured about addresses. Each part may be missing; then nothing is said about it. */
export type NetworkSources = {
  readonly networks: readonly CompanyNetwork[];
  readonly awsRanges?: AwsRanges | undefined;
  readonly torExits?: TorExits | undefined;
  readonly geo?: GeoDatabases | undefined;
};

/** One source address, read and looked up once. */
export type AddressFacts = {
  readonly address: IpAddress;
  readonly network: Network | undefined;
  /** The smallest of the company's networks around it, by name. */
  readonly companyNetwork: string | undefined;
  /** In AWS's published ranges; undefined when the ranges are not configured. */
  readonly aws: boolean | undefined;
};

/** Looks source addresses up and remembers the answers. */
export type NetworkFacts = {
  /** Undefined when `source` is no IP address: a service's name, `AWS Internal`, a console marker. */
  of(source: string): AddressFacts | undefined;
};

const REMEMBERED_ADDRESSES = 8192;
const NO_ADDRESS = Symbol('no address');

/**
 * The company's own networks name an address first, then Tor's exits, then AWS's ranges; country and
 * autonomous system are added to whichever it is. Equal networks without geography are one object.
 */
export function buildNetworkFacts(sources: NetworkSources): NetworkFacts {
  const company = companyTable(sources.networks);
  const awsNames = new Map<string, Network>();
  const remembered = new Recent<AddressFacts | typeof NO_ADDRESS>(REMEMBERED_ADDRESSES);
  const facts = (source: string): AddressFacts | undefined => {
    const address = parseAddress(source);
    if (address === undefined) return undefined;
    const range = sources.awsRanges?.lookup(address);
    const aws = sources.awsRanges === undefined ? undefined : range !== undefined;
    const tor = sources.torExits?.lookup(address) === true ? TOR : undefined;
    const own = company.lookup(address);
    const named = own ?? tor ?? (range && awsNetwork(awsNames, range.service, range.region));
    return {
      address,
      aws,
      companyNetwork: own?.name,
      network: withGeography(named, sources.geo?.lookup(source)),
    };
  };
  return {
    of(source) {
      let known = remembered.get(source);
      if (known === undefined) {
        known = facts(source) ?? NO_ADDRESS;
        remembered.set(source.slice(0, 64), known);
      }
      return known === NO_ADDRESS ? undefined : known;
    },
  };
}

const TOR: Network = Object.freeze({ kind: 'tor' });

function companyTable(networks: readonly CompanyNetwork[]): CidrTable<Network> {
  return buildCidrTable(
    networks.flatMap(({ cidr, name, kind, trusted }) => {
      const network: Network = Object.freeze({
        name,
        ...(kind === undefined ? {} : { kind }),
        trusted: trusted ?? false,
      });
      return cidr.flatMap((range) => {
        const parsed = parseCidr(range);
        return parsed === undefined ? [] : [[parsed, network] as const];
      });
    }),
  );
}

function awsNetwork(known: Map<string, Network>, service: string, region: string): Network {
  const name = `AWS ${service} ${region}`;
  const network = known.get(name) ?? Object.freeze({ name, kind: 'aws' });
  known.set(name, network);
  return network;
}

function withGeography(network: Network | undefined, geography: GeoFacts | undefined): Network | undefined {
  return geography === undefined ? network : Object.freeze({ ...network, ...geography });
}
