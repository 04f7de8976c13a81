import type { CloudTrailEvent } from '../cloudtrail/event.ts';
import { type JsonObject, readObject, readString } from '../cloudtrail/json.ts';
import { IdentityCache } from '../context/identity-cache.ts';
import type { Network } from '../context/network-facts.ts';
import type { Account, ContextSnapshot, Principal } from '../context/snapshot.ts';
import type { ContextEnrichment } from './output.ts';

type RoleUse = ContextEnrichment['role_use'];
type Accounts = NonNullable<ContextEnrichment['foreign_accounts']>;

/** A policy may name thousands of accounts; unknown ones come first, so none is hidden by its friends. */
const MOST_FOREIGN_ACCOUNTS = 50;
const REMEMBERED_VERDICTS = 16_384;

/**
 * What the company's own files say of an event: whose account called and whose was called, from which
 * network, who the principal is, and whose the other accounts are that a policy, trust or sharing call
 * names (`foreignAccounts`, account ids). Undefined when nothing is known. Without foreign accounts, equal
 * answers are the same frozen object.
 *
 * Only what is configured is said: an account is `unknown` when the company file lists accounts and this is
 * none of them. A source that is no address (a service, `AWS Internal`) has no network.
 */
export function enrichContext(
  event: CloudTrailEvent,
  snapshot: ContextSnapshot,
  foreignAccounts?: readonly string[],
): ContextEnrichment | undefined {
  const identity = event.userIdentity;
  const callerId = readString(identity, 'accountId');
  const account = accountOf(callerId, snapshot);
  const recipientId = event.recipientAccountId;
  const recipient = recipientId === callerId ? undefined : accountOf(recipientId, snapshot);
  const source = snapshot.configured ? event.sourceIPAddress : undefined;
  const network = source === undefined ? undefined : snapshot.networks.of(source)?.network;
  const principal = snapshot.configured ? principalOf(identity, snapshot) : undefined;
  const roleUse = snapshot.configured ? roleUseOf(event, snapshot) : undefined;
  const answer = verdict(snapshot, account, recipient, network, principal, roleUse);
  const foreign = foreignAccounts === undefined ? undefined : named(foreignAccounts, snapshot, recipientId);
  return foreign === undefined ? answer : { ...answer, foreign_accounts: foreign };
}

function accountOf(id: string | undefined, snapshot: ContextSnapshot): Account | undefined {
  if (id === undefined || !isAccountId(id)) return undefined;
  const account = snapshot.account(id);
  return account.relation === 'unknown' && !snapshot.listsAccounts ? undefined : account;
}

/** Anonymous callers have words in place of an id (`ANONYMOUS_PRINCIPAL`). */
function isAccountId(text: string): boolean {
  if (text.length !== 12) return false;
  for (let at = 0; at < 12; at += 1) {
    const code = text.charCodeAt(at);
    if (code < 48 || code > 57) return false;
  }
  return true;
}

/** The session itself may be listed; else the role it is a session of. */
function principalOf(identity: JsonObject | undefined, snapshot: ContextSnapshot): Principal | undefined {
  const arn = readString(identity, 'arn');
  const own = arn === undefined ? undefined : snapshot.principal(arn);
  if (own !== undefined) return own;
  const issuer = issuerArn(identity);
  return issuer === undefined ? undefined : snapshot.principal(issuer);
}

function issuerArn(identity: JsonObject | undefined): string | undefined {
  return readString(readObject(readObject(identity, 'sessionContext'), 'sessionIssuer'), 'arn');
}

/** Of a call that assumes a role, the role assumed; of any other, the role of the calling session. */
function roleUseOf(event: CloudTrailEvent, snapshot: ContextSnapshot): RoleUse {
  if (!snapshot.hasRoleRules) return undefined;
  const role = isAssumeRole(event)
    ? readString(event.requestParameters, 'roleArn')
    : issuerArn(event.userIdentity);
  const rule = role === undefined ? undefined : snapshot.roleRule(role);
  const source = event.sourceIPAddress;
  if (rule === undefined || source === undefined) return undefined;
  const facts = snapshot.networks.of(source);
  if (facts === undefined) return undefined;
  const { address, companyNetwork } = facts;
  const named = companyNetwork !== undefined && rule.networks.has(companyNetwork);
  return named || rule.ranges.lookup(address) === true ? 'expected' : 'unexpected';
}

function isAssumeRole(event: CloudTrailEvent): boolean {
  return event.eventSource === 'sts.amazonaws.com' && event.eventName?.startsWith('AssumeRole') === true;
}

const verdicts = new WeakMap<ContextSnapshot, IdentityCache<ContextEnrichment>>();

function verdict(
  snapshot: ContextSnapshot,
  account: Account | undefined,
  recipient: Account | undefined,
  network: Network | undefined,
  principal: Principal | undefined,
  roleUse: RoleUse,
): ContextEnrichment | undefined {
  if (!(account || recipient || network || principal || roleUse)) return undefined;
  let known = verdicts.get(snapshot);
  if (known === undefined) {
    known = new IdentityCache(REMEMBERED_VERDICTS);
    verdicts.set(snapshot, known);
  }
  const remembered = known.get(account, recipient, network, principal, roleUse);
  if (remembered !== undefined) return remembered;
  const made: ContextEnrichment = Object.freeze({
    ...(account && { account }),
    ...(recipient && { recipient_account: recipient }),
    ...(network && { network }),
    ...(principal && { principal }),
    ...(roleUse && { role_use: roleUse }),
    ...(account?.vendor !== undefined && { vendor: account.vendor }),
  });
  known.set([account, recipient, network, principal, roleUse], made);
  return made;
}

const RELATIONS = ['unknown', 'vendor', 'own'];

function named(
  ids: readonly string[],
  snapshot: ContextSnapshot,
  recipientId: string | undefined,
): Accounts | undefined {
  const distinct = [...new Set(ids)].filter((id) => isAccountId(id) && id !== recipientId).sort();
  if (distinct.length === 0) return undefined;
  const accounts = distinct.map((id) => snapshot.account(id));
  const rank = ({ relation = 'unknown' }: Account): number => RELATIONS.indexOf(relation);
  return accounts.sort((a, b) => rank(a) - rank(b)).slice(0, MOST_FOREIGN_ACCOUNTS);
}
