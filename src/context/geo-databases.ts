import { Reader, type Response } from 'maxmind';

/** What configured databases know of an address. */
export type GeoFacts = {
  /** ISO 3166 code of the country. */
  readonly country?: string;
  readonly asn?: number;
  readonly organization?: string;
};

/** Databases of geography and networks; undefined facts when none knows the address. */
export type GeoDatabases = {
  /** `address` must be a valid IP address. */
  lookup(address: string): GeoFacts | undefined;
};

/** A database read from the bytes of a MaxMind DB file, or undefined when they are none. */
export function readMmdb(bytes: Buffer): Reader<Response> | undefined {
  try {
    const reader = new Reader<Response>(bytes);
    // Reads through the whole path once: a truncated file shows here rather than at the first event.
    reader.get('192.0.2.1');
    return reader;
  } catch {
    return undefined;
  }
}

/**
 * Looks an address up in every database: GeoLite2 or GeoIP2 Country, City, ASN, ISP and Enterprise, in any
 * combination. Of two that know the same fact the first wins.
 *
 * @see https://dev.maxmind.com/geoip/docs/databases
 */
export function geoDatabases(readers: readonly Reader<Response>[]): GeoDatabases {
  return {
    lookup(address) {
      const facts: Facts = {};
      for (const reader of readers) {
        const record = find(reader, address);
        facts.country ??= text(member(record, 'country', 'iso_code'));
        facts.asn ??= number(member(record, 'autonomous_system_number') ?? traits(record, 'number'));
        facts.organization ??= text(
          member(record, 'autonomous_system_organization') ?? traits(record, 'organization'),
        );
      }
      return present(facts);
    },
  };
}

type Facts = { country?: string | undefined; asn?: number | undefined; organization?: string | undefined };

function find(reader: Reader<Response>, address: string): unknown {
  try {
    return reader.get(address);
  } catch {
    return undefined;
  }
}

function traits(record: unknown, name: string): unknown {
  return member(record, 'traits', `autonomous_system_${name}`);
}

function member(value: unknown, ...path: readonly string[]): unknown {
  let found = value;
  for (const key of path) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, key)) return undefined;
    found = (found as Record<string, unknown>)[key];
  }
  return found;
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value.slice(0, 256) : undefined;
}

function number(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isInteger(value) ? value : undefined;
}

function present(facts: Facts): GeoFacts | undefined {
  const { country, asn, organization } = facts;
  if (country === undefined && asn === undefined && organization === undefined) return undefined;
  return {
    ...(country === undefined ? {} : { country }),
    ...(asn === undefined ? {} : { asn }),
    ...(organization === undefined ? {} : { organization }),
  };
}
