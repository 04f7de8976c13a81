import { isObject, type JsonObject, readMember } from '../../cloudtrail/json.ts';
import { accountOfPrincipal } from './principal.ts';

/** Longer documents are not read here; the policy enricher has its own bounds and says `too_large`. */
const MAX_DOCUMENT_CHARACTERS = 65_536;
const MAX_STATEMENTS = 128;
const MAX_PRINCIPALS = 256;

/** Condition keys that keep `"Principal": "*"` inside a company, whatever the operator's spelling. */
const LIMITING_KEYS: ReadonlySet<string> = new Set([
  'aws:principalaccount',
  'aws:principalarn',
  'aws:principalorgid',
  'aws:principalorgpaths',
  'aws:sourceaccount',
  'aws:sourcearn',
  'aws:sourceorgid',
  'aws:sourceorgpaths',
  'aws:sourcevpc',
  'aws:sourcevpce',
  'aws:sourceip',
  'aws:userid',
  'kms:calleraccount',
  's3:dataaccesspointaccount',
]);

/** Those of them that name an account, which may be a foreign one. */
const ACCOUNT_KEYS: ReadonlySet<string> = new Set([
  'aws:principalaccount',
  'aws:sourceaccount',
  'kms:calleraccount',
]);

/** Keys that tie a service's call to the account it is made for. */
const SERVICE_KEYS: ReadonlySet<string> = new Set([
  'aws:sourceaccount',
  'aws:sourcearn',
  'aws:sourceorgid',
  'aws:sourceorgpaths',
  'aws:principalorgid',
]);

/** Whom a policy document lets in. */
export type Trust = {
  /** Anybody, without a condition that limits it. */
  readonly anyone: boolean;
  /** Anybody, or an account that is not `ownAccount`. */
  readonly external: boolean;
  /** An AWS service, without a condition on whose behalf: any account can make it call. */
  readonly unboundService: boolean;
};

const NOBODY: Trust = Object.freeze({ anyone: false, external: false, unboundService: false });

/**
 * Whom the Allow statements of a resource or trust policy let in. `document` is an object, JSON text or
 * URL-encoded JSON text. Deny statements are not considered; what cannot be read trusts nobody.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
 */
export function trustOf(document: unknown, ownAccount: string | undefined): Trust {
  let { anyone, external, unboundService } = NOBODY;
  for (const statement of allowStatements(document)) {
    const limits = limitsOf(statement);
    const isOpen = isForEverybody(statement) && !limits.isLimited;
    anyone ||= isOpen;
    external ||= isOpen || namesForeigner(statement, limits, ownAccount);
    unboundService ||= namesService(statement) && !limits.isBoundService;
  }
  return { anyone, external, unboundService };
}

/** True when a document allows every action on every resource, under no condition. */
export function allowsEverything(document: unknown): boolean {
  for (const statement of allowStatements(document)) {
    if (isObject(statement['Condition']) && Object.keys(statement['Condition']).length > 0) continue;
    const actions = listOf(readMember(statement, 'Action'));
    const resources = listOf(readMember(statement, 'Resource'));
    if (actions.some(isEveryAction) && resources.some((resource) => /^\*{1,8}$/.test(resource))) return true;
  }
  return false;
}

function isEveryAction(pattern: string): boolean {
  return /^\*{1,8}(?::\*{1,8})?$/.test(pattern);
}

/** The Allow statements of a document in any of its spellings; bounded. */
function allowStatements(document: unknown): JsonObject[] {
  const parsed = parseDocument(document);
  const member = readMember(parsed, 'Statement');
  const all = Array.isArray(member) ? member.slice(0, MAX_STATEMENTS) : [member];
  return all.filter(isObject).filter((statement) => readMember(statement, 'Effect') === 'Allow');
}

function parseDocument(document: unknown): unknown {
  if (typeof document !== 'string') return document;
  if (document.length > MAX_DOCUMENT_CHARACTERS) return undefined;
  try {
    return JSON.parse(document.trimStart().startsWith('%7B') ? decodeURIComponent(document) : document);
  } catch {
    return undefined;
  }
}

function isForEverybody(statement: JsonObject): boolean {
  if (readMember(statement, 'NotPrincipal') !== undefined) return true;
  const principal = readMember(statement, 'Principal');
  return principal === '*' || principalsOf(statement, 'AWS').some(isEverybody);
}

function isEverybody(principal: string): boolean {
  return principal === '*' || principal === 'arn:aws:iam::*:root';
}

function namesForeigner(
  statement: JsonObject,
  { accounts }: Limits,
  ownAccount: string | undefined,
): boolean {
  const isForeign = (account: string | undefined): boolean =>
    account !== undefined && ownAccount !== undefined && account !== ownAccount;
  if (isForEverybody(statement)) return accounts.some((account) => isForeign(account));
  return principalsOf(statement, 'AWS').some((principal) => isForeign(accountOfPrincipal(principal)));
}

function namesService(statement: JsonObject): boolean {
  return principalsOf(statement, 'Service').length > 0;
}

function principalsOf(statement: JsonObject, kind: 'AWS' | 'Service'): string[] {
  return listOf(readMember(readMember(statement, 'Principal'), kind));
}

type Limits = {
  /** A condition keeps everybody inside a company. */
  readonly isLimited: boolean;
  /** Accounts that such a condition names. */
  readonly accounts: readonly string[];
  readonly isBoundService: boolean;
};

/** What a statement's conditions limit it to. Negated and `IfExists` operators limit nothing for sure. */
function limitsOf(statement: JsonObject): Limits {
  let isLimited = false;
  let isBoundService = false;
  const accounts: string[] = [];
  for (const [operator, tests] of entriesOf(readMember(statement, 'Condition'))) {
    if (/Not|IfExists|^Null$|ForAllValues/i.test(operator.slice(0, 64))) continue;
    for (const [key, values] of entriesOf(tests)) {
      const name = key.slice(0, 64).toLowerCase();
      const words = listOf(values);
      if (words.includes('*') || words.includes('0.0.0.0/0')) continue;
      isLimited ||= LIMITING_KEYS.has(name);
      isBoundService ||= SERVICE_KEYS.has(name);
      if (ACCOUNT_KEYS.has(name)) accounts.push(...words);
    }
  }
  return { isLimited, accounts, isBoundService };
}

function entriesOf(value: unknown): [string, unknown][] {
  return isObject(value) ? Object.entries(value).slice(0, MAX_STATEMENTS) : [];
}

/** A string or a list of strings, as a bounded list. */
function listOf(value: unknown): string[] {
  const list = Array.isArray(value) ? value.slice(0, MAX_PRINCIPALS) : [value];
  return list.filter((element) => typeof element === 'string');
}
