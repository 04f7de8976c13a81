import type { ContextSnapshot } from './snapshot.ts';

/** What the verdict on a key's source may ask about networks. */
export type SessionNetworkOptions = {
  /** True only for addresses in networks the company file calls trusted. */
  trustedNetwork(ip: string): boolean;
  /** The autonomous system, when a database that knows it is configured. */
  asn(ip: string): number | undefined;
  /** Whether AWS publishes the address as its own; undefined when its ranges are not configured. */
  awsNetwork(ip: string): boolean | undefined;
};

/** The network questions of sessions, answered by one snapshot. Make it once per batch, not per event. */
export function sessionNetworkOptions(snapshot: ContextSnapshot): SessionNetworkOptions {
  const { networks } = snapshot;
  return {
    trustedNetwork: (ip) => networks.of(ip)?.network?.trusted === true,
    asn: (ip) => networks.of(ip)?.network?.asn,
    awsNetwork: (ip) => networks.of(ip)?.aws,
  };
}
