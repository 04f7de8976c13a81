import type { Caller } from '../cloudtrail/caller.ts';
import type { CloudTrailEvent } from '../cloudtrail/event.ts';
import { readString } from '../cloudtrail/json.ts';
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
  const answer = answerOf(event, snapshot);
  const foreign =
    foreignAccounts === undefined ? undefined : named(foreignAccounts, snapshot, event.recipientAccountId);
  return foreign === undefined ? answer : { ...answer, foreign_accounts: foreign };
}

/** Nearly all events of a caller come from one place: its last answer is looked at first. */
function answerOf(event: CloudTrailEvent, snapshot: ContextSnapshot): ContextEnrichment | undefined {
  const { caller, recipientAccountId: recipientId } = event;
  const answers = answersFrom(snapshot);
  if (!snapshot.configured) return answers.of(partsOf(event, caller, recipientId, undefined, snapshot));
  const source = event.sourceIPAddress;
  // What a call asks for decides as well when it assumes a role that has rules.
  if (caller === undefined || (snapshot.hasRoleRules && assumesRole(event)))
    return answers.of(partsOf(event, caller, recipientId, source, snapshot));
  const last = answers.lastByCaller.get(caller);
  if (last !== undefined && last.recipientId === recipientId && last.source === source) return last.answer;
  const answer = answers.of(partsOf(event, caller, recipientId, source, snapshot));
  answers.lastByCaller.set(caller, { recipientId, source, answer });
  return answer;
}

/** What an answer is made of. */
type Parts = readonly [
  account: Account | undefined,
  recipient: Account | undefined,
  network: Network | undefined,
  principal: Principal | undefined,
  roleUse: RoleUse,
];

function partsOf(
  event: CloudTrailEvent,
  caller: Caller | undefined,
  recipientId: string | undefined,
  source: string | undefined,
  snapshot: ContextSnapshot,
): Parts {
  const callerId = caller?.accountId;
  return [
    accountOf(callerId, snapshot),
    recipientId === callerId ? undefined : accountOf(recipientId, snapshot),
    source === undefined ? undefined : snapshot.networks.of(source)?.network,
    snapshot.configured ? principalOf(caller, snapshot) : undefined,
    snapshot.configured ? roleUseOf(event, caller, source, snapshot) : undefined,
  ];
}

function accountOf(id: string | undefined, snapshot: ContextSnapshot): Account | undefined {
  if (id === undefined) return undefined;
  const account = snapshot.listedAccount(id);
  return account !== undefined || !snapshot.listsAccounts || !isAccountId(id)
    ? account
    : snapshot.account(id);
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
function principalOf(caller: Caller | undefined, snapshot: ContextSnapshot): Principal | undefined {
  if (caller === undefined) return undefined;
  const { arn, issuerArn } = caller;
  const own = arn === undefined ? undefined : snapshot.principal(arn);
  if (own !== undefined) return own;
  return issuerArn === undefined ? undefined : snapshot.principal(issuerArn);
}

/** Of a call that assumes a role, the role assumed; of any other, the role of the calling session. */
function roleUseOf(
  event: CloudTrailEvent,
  caller: Caller | undefined,
  source: string | undefined,
  snapshot: ContextSnapshot,
): RoleUse {
  if (!snapshot.hasRoleRules) return undefined;
  const role = assumesRole(event) ? readString(event.requestParameters, 'roleArn') : caller?.issuerArn;
  const rule = role === undefined ? undefined : snapshot.roleRule(role);
  if (rule === undefined || source === undefined) return undefined;
  const facts = snapshot.networks.of(source);
  if (facts === undefined) return undefined;
  const { address, companyNetwork } = facts;
  const named = companyNetwork !== undefined && rule.networks.has(companyNetwork);
  return named || rule.ranges.lookup(address) === true ? 'expected' : 'unexpected';
}

/** True for the calls of which the request decides as well, when roles have rules: the role asked for. */
export function assumesRole({
  eventSource,
  eventName,
}: Pick<CloudTrailEvent, 'eventSource' | 'eventName'>): boolean {
  return eventSource === 'sts.amazonaws.com' && eventName?.startsWith('AssumeRole') === true;
}

/** The answers given from one snapshot. They go when it goes. */
class Answers {
  /** There are only as many as callers that the decoder keeps. */
  readonly lastByCaller = new WeakMap<Caller, LastAnswer>();
  readonly #known = new IdentityCache<ContextEnrichment>(REMEMBERED_VERDICTS);

  /** The same frozen object for the same parts while remembered. */
  of(parts: Parts): ContextEnrichment | undefined {
    const [account, recipient, network, principal, roleUse] = parts;
    if (!(account || recipient || network || principal || roleUse)) return undefined;
    const remembered = this.#known.get(...parts);
    if (remembered !== undefined) return remembered;
    const made: ContextEnrichment = Object.freeze({
      ...(account && { account }),
      ...(recipient && { recipient_account: recipient }),
      ...(network && { network }),
      ...(principal && { principal }),
      ...(roleUse && { role_use: roleUse }),
      ...(account?.vendor !== undefined && { vendor: account.vendor }),
    });
    this.#known.set(parts, made);
    return made;
  }
}

/** A caller's last answer, and where the event came from and went to. */
type LastAnswer = {
  readonly recipientId: string | undefined;
  readonly source: string | undefined;
  readonly answer: ContextEnrichment | undefined;
};

const answersBySnapshot = new WeakMap<ContextSnapshot, Answers>();

function answersFrom(snapshot: ContextSnapshot): Answers {
  let answers = answersBySnapshot.get(snapshot);
  if (answers === undefined) {
    answers = new Answers();
    answersBySnapshot.set(snapshot, answers);
  }
  return answers;
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
