import { type ArnIndex, buildArnIndex } from './arn-index.ts';
import type { AwsRanges } from './aws-ranges.ts';
import { buildCidrTable, type CidrTable } from './cidr-table.ts';
import type { Company } from './company.ts';
import { flatCopy } from './flat-copy.ts';
import type { GeoDatabases } from './geo-databases.ts';
import { parseCidr } from './ip.ts';
import { buildNetworkFacts, type NetworkFacts } from './network-facts.ts';
import { Recent } from './recent.ts';
import type { ToolKnowledge } from './tools.ts';
import type { TorExits } from './tor-exits.ts';
import type { Vendors } from './vendors.ts';

/** Whose account it is, by the company file and the list of known vendors. */
export type Account = {
  readonly id: string;
  readonly name?: string;
  readonly environment?: string;
  readonly owner?: string;
  readonly criticality?: string;
  readonly tags?: Record<string, string>;
  readonly relation?: 'own' | 'vendor' | 'unknown';
  readonly vendor?: string;
};

/** A principal as the company file describes it. */
export type Principal = { readonly team?: string; readonly kind?: string; readonly name?: string };

/** From where a role may be used: networks of the company file by name, and ranges written out. */
export type RoleRule = { readonly networks: ReadonlySet<string>; readonly ranges: CidrTable<true> };

/** What a snapshot is built from. A part that is missing says nothing. */
export type SnapshotParts = {
  readonly company?: Company | undefined;
  readonly vendors: Vendors;
  readonly tools: ToolKnowledge;
  readonly awsRanges?: AwsRanges | undefined;
  readonly torExits?: TorExits | undefined;
  readonly mmdb?: GeoDatabases | undefined;
};

/**
 * All context as of one moment. It never changes: a reload makes another, and a batch keeps the one it
 * began with. (It remembers answers, bounded, which nobody can tell from computing them again.)
 */
export type ContextSnapshot = {
  /** False when there is nothing but vendors to tell: events need no look-up of networks or principals. */
  readonly configured: boolean;
  /** True when the company file lists accounts, so that an account it lacks is known to be foreign. */
  readonly listsAccounts: boolean;
  readonly tools: ToolKnowledge;
  readonly networks: NetworkFacts;
  /** The account when the company file or the list of vendors has it. */
  listedAccount(id: string): Account | undefined;
  /** The same frozen object for the same account while remembered; `unknown` when nobody lists it. */
  account(id: string): Account;
  /** The first entry of the company file whose pattern matches, or undefined. */
  principal(arn: string): Principal | undefined;
  readonly hasRoleRules: boolean;
  roleRule(roleArn: string): RoleRule | undefined;
};

const REMEMBERED_ARNS = 8192;
const REMEMBERED_ACCOUNTS = 2048;

/** Builds a snapshot. Costs in proportion to the company file; the look-ups afterwards do not. */
export function buildSnapshot(parts: SnapshotParts): ContextSnapshot {
  const { company } = parts;
  const listed = listedAccounts(parts);
  const strangers = new Recent<Account>(REMEMBERED_ACCOUNTS);
  const networks = company?.networks ?? [];
  return {
    configured:
      company !== undefined ||
      parts.awsRanges !== undefined ||
      parts.torExits !== undefined ||
      parts.mmdb !== undefined,
    listsAccounts: (company?.accounts.length ?? 0) > 0,
    tools: parts.tools,
    networks: buildNetworkFacts({ ...parts, networks, geo: parts.mmdb }),
    listedAccount: (id) => listed.get(id),
    account(id) {
      const known = listed.get(id) ?? strangers.get(id);
      if (known !== undefined) return known;
      const stranger: Account = Object.freeze({ id: flatCopy(id.slice(0, 64)), relation: 'unknown' });
      strangers.set(stranger.id, stranger);
      return stranger;
    },
    principal: remembering(buildArnIndex(principalPatterns(company))),
    hasRoleRules: (company?.roles.length ?? 0) > 0,
    roleRule: remembering(buildArnIndex(rolePatterns(company))),
  };
}

/** Own accounts and vendors'. The company file's word on an account stands above the bundled list's. */
function listedAccounts({ company, vendors }: SnapshotParts): ReadonlyMap<string, Account> {
  const listed = new Map<string, Account>();
  for (const [id, vendor] of vendors) listed.set(id, Object.freeze({ id, relation: 'vendor', vendor }));
  for (const { name, accounts } of company?.vendors ?? []) {
    for (const id of accounts) listed.set(id, Object.freeze({ id, relation: 'vendor', vendor: name }));
  }
  for (const { id, tags, ...described } of company?.accounts ?? []) {
    const account = { id, ...definedOnly(described), relation: 'own' as const };
    const tagged = tags !== undefined && Object.keys(tags).length > 0;
    listed.set(id, Object.freeze(tagged ? { ...account, tags: Object.freeze({ ...tags }) } : account));
  }
  return listed;
}

function* principalPatterns(company: Company | undefined): Generator<readonly [string, Principal]> {
  for (const { arn, ...described } of company?.principals ?? []) {
    const principal: Principal = Object.freeze(definedOnly(described));
    for (const pattern of arn) yield [pattern, principal];
  }
}

function* rolePatterns(company: Company | undefined): Generator<readonly [string, RoleRule]> {
  const names = new Set(company?.networks.map(({ name }) => name));
  for (const { arn, from } of company?.roles ?? []) {
    const ranges = from.filter((place) => !names.has(place)).map(parseCidr);
    const rule: RoleRule = {
      networks: new Set(from.filter((place) => names.has(place))),
      ranges: buildCidrTable(ranges.flatMap((cidr) => (cidr === undefined ? [] : [[cidr, true] as const]))),
    };
    for (const pattern of arn) yield [pattern, rule];
  }
}

const NO_MATCH = Symbol('no match');

function remembering<Value extends object>(index: ArnIndex<Value>): (arn: string) => Value | undefined {
  const remembered = new Recent<Value | typeof NO_MATCH>(REMEMBERED_ARNS);
  return (arn) => {
    if (index.isEmpty || arn.length > LONGEST_REMEMBERED) return index.match(arn);
    let value = remembered.get(arn);
    if (value === undefined) {
      value = index.match(arn) ?? NO_MATCH;
      remembered.set(arn, value);
    }
    return value === NO_MATCH ? undefined : value;
  };
}

/** ARNs of roles and sessions are shorter; longer ones are somebody's attempt to fill the memory. */
const LONGEST_REMEMBERED = 512;

type Defined<T> = { [Key in keyof T]: Exclude<T[Key], undefined> };

/** Without the members that are undefined: absent means none. */
function definedOnly<T extends object>(value: T): Defined<T> {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as Defined<T>;
}
