import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Finding, FindingType } from '../../src/iam/analysis.ts';
import { readDataFile } from '../../src/knowledge/data-file.ts';
import type { EscalationFile } from '../../src/knowledge/escalation-paths.ts';
import { projectRoot } from '../shared.ts';
import { catalog, idOf, knowledge } from './knowledge.ts';
import { isRestrictable, levelOf, list, type Mention, mentionsOf, plainStatements } from './oracle.ts';

/** Where ours and Cloudsplaining's findings may differ, by name. Each is shown by `corrections.test.ts`. */

export type Category = Extract<
  FindingType,
  | 'PrivilegeEscalation'
  | 'ResourceExposure'
  | 'DataExfiltration'
  | 'CredentialsExposure'
  | 'InfrastructureModification'
  | 'ServiceWildcard'
>;

type Lists = { readonly exfiltration: readonly string[]; readonly credentials: readonly string[] };
const lists = readCase<Lists>('cloudsplaining-lists.json');
const exfiltration = new Set(lists.exfiltration);
const credentials = new Set(lists.credentials);
const notExposure = readNotExposure();
/** The always-true conditions of the reference policies. */
const ALWAYS_TRUE = new Set(['{"StringLike":{"aws:userid":"*"}}', '{"Bool":{"aws:SecureTransport":"true"}}']);
const paths = (readDataFile('privilege-escalation.json') as EscalationFile).paths;

/** Why Cloudsplaining has an entry and we have not; undefined when nothing explains it. */
export function explainMissing(category: Category, entry: string, document: unknown): string | undefined {
  if (category === 'PrivilegeEscalation') {
    for (const action of actionsOfPath(entry)) {
      const reason = explainMissingAction(category, action.toLowerCase(), document);
      if (reason !== undefined) return reason;
    }
    return undefined;
  }
  if (category === 'ServiceWildcard') return explainMissingService(entry, document);
  return explainMissingAction(category, entry, document);
}

/** One entry of ours. */
export type OurEntry = {
  readonly category: Category;
  readonly entry: string;
  readonly certainty: Finding['certainty'];
};

/** Why we have an entry and Cloudsplaining has not; undefined when nothing explains it. */
export function explainExtra(
  ours: OurEntry,
  document: unknown,
  theirData: ReadonlySet<string>,
): string | undefined {
  const { category, entry } = ours;
  if (category === 'PrivilegeEscalation') {
    const path = paths.find(({ id }) => id === entry);
    if (path?.cloudsplaining === undefined) return 'path_added';
    return firstOf(path.actions, (action) => explainWidening(action, document, ours));
  }
  if (category === 'ServiceWildcard') {
    return theirData.has(`${category} ${entry}`) ? explainExtraService(ours, document) : 'newer_action_data';
  }
  const name = catalog.names[idOf(entry)] ?? '';
  if (isCategoryExtended(category, name)) return 'category_extended';
  if (isUnrestrictableRule(category, name)) return 'unrestrictable_counts_everywhere';
  return explainWidening(name, document, ours) ?? explainByData(category, entry, theirData);
}

function explainMissingAction(category: Category, action: string, document: unknown): string | undefined {
  const id = catalog.idOf(action);
  if (id === undefined) return 'action_unknown_to_aws';
  const name = catalog.names[id] ?? '';
  if (category === 'InfrastructureModification' && modifiesNothing(name)) return 'reads_modify_nothing';
  if (category === 'ResourceExposure' && notExposure.has(name)) return 'exposure_decided_by_data';
  const mentions = mentionsOf(document, name);
  if (mentions.length === 0) return explainUnmentioned(document);
  const denies = mentions.filter((one) => one.effect === 'Deny' && !one.hasCondition);
  if (denies.some((one) => one.reach !== 'narrow')) return 'deny_applies_to_every_category';
  const allows = mentions.filter((one) => one.effect === 'Allow');
  if (allows.length > 0 && allows.every(isLimited)) {
    if (allows.some((one) => one.spelling === 'otherCase')) return 'letter_case_is_no_widening';
    if (isRestrictable(name)) return 'resource_type_added_since';
  }
  return undefined;
}

/** No statement names the action: what made Cloudsplaining think so. */
function explainUnmentioned(document: unknown): string | undefined {
  const statements = plainStatements(document);
  if (statements.some((one) => list(one['Action']).some((pattern) => pattern.includes('['))))
    return 'bracket_is_literal';
  return statements.some((one) => list(one['NotAction']).some((pattern) => pattern !== pattern.toLowerCase()))
    ? 'wildcards_anywhere_in_any_case'
    : undefined;
}

function explainMissingService(service: string, document: unknown): string | undefined {
  const range = catalog.services.get(service);
  if (range === undefined) return 'service_unknown_to_aws';
  const sample = catalog.names[range[0]] ?? '';
  const mentions = mentionsOf(document, sample);
  if (mentions.some((one) => one.effect === 'Deny' && !one.hasCondition && one.reach !== 'narrow')) {
    return 'deny_applies_to_every_category';
  }
  const wildcards = mentions.filter((one) => one.effect === 'Allow' && one.pattern === `${service}:*`);
  return wildcards.every(isLimited) ? 'service_wildcard_needs_every_resource' : undefined;
}

function explainExtraService({ entry: service, certainty }: OurEntry, document: unknown): string | undefined {
  const range = catalog.services.get(service);
  const sample = catalog.names[range?.[0] ?? 0] ?? '';
  const allows = mentionsOf(document, sample).filter((one) => one.effect === 'Allow');
  for (const one of allows) {
    const condition = explainCondition(one, certainty);
    if (condition !== undefined) return condition;
    if (one.spelling === 'notAction') return 'not_action_is_a_wildcard';
    if (one.pattern !== `${service}:*` && one.pattern !== '*') return 'wildcards_anywhere_in_any_case';
  }
  return undefined;
}

/** The reading of a statement that makes an action wide for us and not for Cloudsplaining. */
function explainWidening(
  action: string,
  document: unknown,
  { category, certainty, entry }: OurEntry,
): string | undefined {
  const mentions = mentionsOf(document, action);
  for (const one of mentions.filter(({ effect }) => effect === 'Allow')) {
    const condition = explainCondition(one, isTargetPath(entry) ? 'conditional' : certainty);
    if (condition !== undefined) return condition;
    if (one.hasCondition) continue;
    if (one.reach === 'notResource') return 'not_resource_is_everything_else';
    if (one.reach === 'starInList' && category === 'InfrastructureModification')
      return 'star_among_resources_is_star';
    if (
      one.reach === 'arnPattern' ||
      list(one.statement['Resource']).some((resource) => resource !== '*' && /^[*?]+$/.test(resource))
    ) {
      return 'arn_of_every_resource_is_star';
    }
    if (one.spelling === 'otherCase') return 'wildcards_anywhere_in_any_case';
    if (one.spelling === 'pattern' && !isPlainPattern(one.pattern)) return 'wildcards_anywhere_in_any_case';
    if (one.spelling === 'notAction') return 'not_action_is_a_wildcard';
  }
  const denies = mentions.filter(({ effect }) => effect === 'Deny');
  if (
    denies.some(
      (one) =>
        one.hasCondition ||
        one.reach === 'narrow' ||
        one.reach === 'arnPattern' ||
        one.reach === 'notResource',
    )
  ) {
    return 'deny_removes_only_where_it_holds';
  }
  return undefined;
}

/** A condition makes a finding conditional, and a direct one only when it always holds. */
function explainCondition(one: Mention, certainty: Finding['certainty']): string | undefined {
  if (!one.hasCondition) return undefined;
  if (ALWAYS_TRUE.has(JSON.stringify(one.statement['Condition'])))
    return 'condition_always_true_limits_nothing';
  return certainty === 'conditional' ? 'condition_makes_conditional' : undefined;
}

function isTargetPath(id: string): boolean {
  return paths.find((path) => path.id === id)?.conditional === true;
}

/** Our data lists the action in a category theirs does not. */
function isCategoryExtended(category: Category, name: string): boolean {
  const lower = name.toLowerCase();
  if (category === 'DataExfiltration') return !exfiltration.has(lower);
  if (category === 'CredentialsExposure') return !credentials.has(lower);
  if (category === 'ResourceExposure') return levelOf(name) !== 4;
  return false;
}

/** They count actions without resource types in no set but their own two. */
function isUnrestrictableRule(category: Category, name: string): boolean {
  return (
    (category === 'InfrastructureModification' || category === 'ResourceExposure') && !isRestrictable(name)
  );
}

/** Actions AWS added, and levels it changed, after the June data of the reference: AdministratorAccess lacks them. */
function explainByData(
  category: Category,
  action: string,
  theirData: ReadonlySet<string>,
): string | undefined {
  const isListed = category === 'InfrastructureModification' || category === 'ResourceExposure';
  return isListed && !theirData.has(`${category} ${action}`) ? 'newer_action_data' : undefined;
}

/** Reads and lists, and the few actions of level Permissions management that our data calls reads. */
function modifiesNothing(name: string): boolean {
  return (levelOf(name) ?? 0) <= 1 || (knowledge.risk.damage[idOf(name)] ?? 0) === 0;
}

function isLimited(mention: Mention): boolean {
  return mention.reach === 'narrow' || mention.reach === 'arnPattern';
}

/** The spellings Cloudsplaining expands: a literal service in small letters, and a star in the name. */
function isPlainPattern(pattern: string): boolean {
  const [service = '', name = ''] = pattern.split(':');
  return pattern === '*' || (/^[a-z0-9-]+$/.test(service) && name.includes('*'));
}

function actionsOfPath(id: string): readonly string[] {
  return paths.find((path) => path.id === id)?.actions ?? [];
}

function firstOf(
  actions: readonly string[],
  explain: (action: string) => string | undefined,
): string | undefined {
  for (const action of actions) {
    const reason = explain(action);
    if (reason !== undefined) return reason;
  }
  return undefined;
}

function readNotExposure(): Set<string> {
  const names = new Set<string>();
  const { damage } = knowledge.risk;
  for (let id = 0; id < catalog.names.length; id++) {
    if (((damage[id] ?? 0) & 2) === 0) names.add(catalog.names[id] ?? '');
  }
  return names;
}

function readCase<Content>(name: string): Content {
  return JSON.parse(readFileSync(join(projectRoot(), 'test/cases/iam', name), 'utf8')) as Content;
}

type TrustDocument = { readonly document?: unknown; readonly known_accounts?: readonly string[] };

/** Why Cloudsplaining has a verdict on a trust policy and we have not. */
export function explainMissingTrust(
  verdict: string,
  ours: ReadonlySet<string>,
  { document }: TrustDocument,
): string | undefined {
  const text = JSON.stringify(document);
  if (verdict === 'AssumableByAnyPrincipalWithConditions' && ours.has('AssumableByAnyPrincipal')) {
    return 'condition_always_true_limits_nothing';
  }
  if (
    verdict === 'AssumableByCrossAccountPrincipal' &&
    ours.has('AssumableByAnyPrincipal') &&
    /iam::\*:/.test(text)
  ) {
    return 'any_account_is_anybody';
  }
  return undefined;
}

/** Why we have a verdict on a trust policy and Cloudsplaining has not. */
export function explainExtraTrust(
  verdict: string,
  theirs: ReadonlySet<string>,
  { document, known_accounts: known }: TrustDocument,
): string | undefined {
  const text = JSON.stringify(document);
  if (verdict === 'Federated') return 'identity_providers_are_judged';
  if (known !== undefined) return 'known_accounts_are_context';
  if (/"NotPrincipal"/.test(text)) return 'not_principal_is_anybody_else';
  if (/"CanonicalUser"|AROA/.test(text)) return 'opaque_principal_is_reported';
  if (verdict === 'AssumableByComputeService') return 'more_compute_services';
  if (/"sts:(\*|Assume\*)"/.test(text)) return 'wildcards_anywhere_in_any_case';
  if (/iam::\*:/.test(text)) return 'any_account_is_anybody';
  if (theirs.has('AssumableByAnyPrincipalWithConditions') && /StringLike/.test(text)) {
    return 'condition_always_true_limits_nothing';
  }
  if (/PrincipalOrgID/.test(text)) return 'organization_is_reported';
  return undefined;
}
