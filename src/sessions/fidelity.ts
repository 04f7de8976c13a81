import { UNKNOWN } from './agent-family.ts';
import { secondsBetween } from './event-time.ts';
import type { SessionRecord, SessionSource } from './session-record.ts';
import type { Source } from './source.ts';

/** How much a difference of source means. */
export type Fidelity = 'high' | 'medium' | 'low';
/** Which properties of two sources differ. */
export type Deviation = 'source_ip' | 'network' | 'user_agent' | 'vpc_endpoint' | 'region';

/** What is known of addresses beyond the records; each may be absent. */
export type AddressKnowledge = {
  /** True for the company's own networks. */
  readonly trustedNetwork?: ((address: string) => boolean) | undefined;
  /** Autonomous system number. */
  readonly asn?: ((address: string) => number | undefined) | undefined;
  /** Whether the address is in AWS's published ranges; undefined when not known. */
  readonly awsNetwork?: ((address: string) => boolean | undefined) | undefined;
};

/** What is known of one side of a comparison: the address at least, and its uses when there are any. */
export type Side = {
  readonly source: Source;
  readonly uses: SessionSource | undefined;
  /** User agent families seen there. */
  readonly agents: readonly string[];
};

/** Sources of a session from which on it looks like a fleet behind changing addresses, not a theft. */
export const FLEET_SOURCES = 5;
const DAY_SECONDS = 86_400;
const STABLE_SECONDS = 2 * DAY_SECONDS;

/**
 * How much it means that a key issued to `home` is used from `foreign`. Starts at medium: the addresses
 * differ, and AWS ties no key to an address, but people do move. The same network, autonomous system or
 * one of the company's own networks explains it; a call through a VPC endpoint has a private address
 * that no issuing call could show, so that difference alone says little. Another user agent, or both
 * addresses at work at the same time, is what a copied key looks like.
 */
export function addressFidelity(home: Side, foreign: Side, known: AddressKnowledge): Fidelity {
  if (isSameNetwork(home.source, foreign.source, known) || isTrusted(foreign.source, known)) return 'low';
  const otherAgent = agentsDiffer(home.agents, foreign.agents);
  if (home.source.isPrivate !== foreign.source.isPrivate) return otherAgent ? 'medium' : 'low';
  const raised = otherAgent || overlap(home.uses, foreign.uses) || isTrusted(home.source, known);
  return raised ? 'high' : 'medium';
}

/**
 * How suspicious `source` makes a session that was also used from `other`, when nobody knows where the
 * key was issued to. Not symmetric only where there is evidence which side is the instance's own.
 *
 * @param record the session that both are sources of
 * @param workload true for instances, tasks and pods, which keep their address; fleets behind changing
 *   addresses (Lambda) start at low
 */
export function sessionFidelity(
  source: SessionSource,
  other: SessionSource,
  record: SessionRecord,
  workload: boolean,
  known: AddressKnowledge,
): Fidelity {
  const { source: here } = source;
  const { source: there } = other;
  if (isSameNetwork(here, there, known)) return 'low';
  if (isTrusted(here, known) && isTrusted(there, known)) return 'low';
  // One host calls some services through an endpoint, others through a NAT: two addresses, one key.
  const mixed = here.isPrivate !== there.isPrivate;
  const evidence = foreignEvidence(source, other, known);
  if (evidence < 0) return 'low';
  if (evidence > 0) return mixed && (source.throughEndpoint || other.throughEndpoint) ? 'medium' : 'high';
  if (mixed) return 'low';
  if (hasSettled(source, other) || hasSettled(other, source)) return 'low';
  const stable = isStableBefore(other, source) || isStableBefore(source, other);
  if (!workload) return stable && record.sourceCount === 2 ? 'medium' : 'low';
  if (isFleet(record)) return 'low';
  return overlap(source, other) || stable ? 'high' : 'medium';
}

/**
 * Above 0 when there is separate evidence that `source` is not the workload's own while `other` is; below
 * 0 the other way around. IMDSv1 deliveries beside IMDSv2: version 1 is what a forged request can reach.
 * An address outside AWS beside one inside: the workload runs inside.
 *
 * @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-instance-metadata-service.html
 */
export function foreignEvidence(
  source: SessionSource,
  other: SessionSource,
  known: AddressKnowledge,
): number {
  const here = onlyDelivery(source);
  const there = onlyDelivery(other);
  if (here !== undefined && there !== undefined && here !== there) return here === '1' ? 1 : -1;
  const inside = insideAws(source.source, known);
  const otherInside = insideAws(other.source, known);
  if (inside === undefined || otherInside === undefined || inside === otherInside) return 0;
  return otherInside ? 1 : -1;
}

/** Which properties of the two sides differ. */
export function deviationsOf(home: Side, foreign: Side): readonly Deviation[] {
  const deviations: Deviation[] = ['source_ip'];
  if (home.source.network !== foreign.source.network) deviations.push('network');
  if (agentsDiffer(home.agents, foreign.agents)) deviations.push('user_agent');
  const { uses } = home;
  const there = foreign.uses;
  if (uses !== undefined && there !== undefined) {
    if (uses.throughEndpoint !== there.throughEndpoint) deviations.push('vpc_endpoint');
    if (areDisjoint(uses.regions, there.regions)) deviations.push('region');
  }
  return deviations;
}

/**
 * What is known of the addresses beyond the records that fidelity weighs, of `source` against `other`; empty
 * without such knowledge.
 */
export function addressFacts(source: Source, other: Source, known: AddressKnowledge): readonly AddressFact[] {
  const facts: AddressFact[] = [];
  if (source.network !== other.network && isSameNetwork(source, other, known)) {
    facts.push('same_autonomous_system');
  }
  if (isTrusted(source, known)) facts.push('trusted_network');
  if (isTrusted(other, known)) facts.push('other_side_trusted');
  const inside = insideAws(source, known);
  const otherInside = insideAws(other, known);
  if (inside === false && otherInside === true) facts.push('outside_aws_beside_inside');
  if (inside === true && otherInside === false) facts.push('inside_aws_beside_outside');
  return facts;
}

/** See {@link addressFacts}. */
export type AddressFact =
  | 'same_autonomous_system'
  | 'trusted_network'
  | 'other_side_trusted'
  | 'outside_aws_beside_inside'
  | 'inside_aws_beside_outside';

/** The stronger of two. */
export function strongest(a: Fidelity, b: Fidelity): Fidelity {
  if (a === 'high' || b === 'high') return 'high';
  return a === 'medium' || b === 'medium' ? 'medium' : 'low';
}

function isSameNetwork(a: Source, b: Source, known: AddressKnowledge): boolean {
  if (a.network === b.network) return true;
  const { asn } = known;
  if (asn === undefined || a.address === undefined || b.address === undefined) return false;
  // AWS is one autonomous system: an attacker's own instance is in it as well.
  if (insideAws(a, known) === true || insideAws(b, known) === true) return false;
  const number = asn(a.address);
  return number !== undefined && !AWS_ASNS.has(number) && number === asn(b.address);
}

/** Amazon's autonomous systems. */
const AWS_ASNS: ReadonlySet<number> = new Set([7224, 8987, 14618, 16509]);

function isTrusted(source: Source, known: AddressKnowledge): boolean {
  return source.address !== undefined && known.trustedNetwork?.(source.address) === true;
}

function insideAws(source: Source, known: AddressKnowledge): boolean | undefined {
  if (source.address === undefined || source.isPrivate) return undefined;
  return known.awsNetwork?.(source.address);
}

function onlyDelivery(source: SessionSource): string | undefined {
  return source.deliveries.length === 1 ? source.deliveries[0] : undefined;
}

function agentsDiffer(home: readonly string[], foreign: readonly string[]): boolean {
  if (home.includes(UNKNOWN) || foreign.includes(UNKNOWN)) return false;
  return areDisjoint(home, foreign);
}

/** True when both have members and share none. */
function areDisjoint(a: readonly string[], b: readonly string[]): boolean {
  return a.length > 0 && b.length > 0 && !a.some((member) => b.includes(member));
}

/** True when both were at work at the same time. */
function overlap(a: SessionSource | undefined, b: SessionSource | undefined): boolean {
  return a !== undefined && b !== undefined && a.first <= b.last && b.first <= a.last;
}

/** Many addresses from the start. One for days and then many is no fleet: a thief could hide among his own. */
function isFleet({ sources, sourceCount }: SessionRecord): boolean {
  if (sourceCount < FLEET_SOURCES) return false;
  let begin = sources[0]?.first ?? '';
  for (const { first } of sources) if (first < begin) begin = first;
  return sources.filter(({ first }) => secondsBetween(begin, first) < STABLE_SECONDS).length > 1;
}

/** True when `later` took over from `earlier` more than a day ago: an address was changed. */
function hasSettled(earlier: SessionSource, later: SessionSource): boolean {
  if (earlier.last >= later.first || secondsBetween(later.first, later.last) < DAY_SECONDS) return false;
  return !areDisjoint(earlier.agents, later.agents);
}

/** True when `later` appears after days of `earlier` alone. */
function isStableBefore(earlier: SessionSource, later: SessionSource): boolean {
  return earlier.first < later.first && secondsBetween(earlier.first, later.first) >= STABLE_SECONDS;
}
