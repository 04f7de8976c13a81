import type { ActionEnrichment } from '../output.ts';

/*
 * What each signal weighs in the formula (formula.ts), between 0 and 1. On top of a Write's base of 15
 * points, 0.2 makes medium, 0.5 makes high, and 0.8 makes critical.
 */

/** By what the request shows; codes of conditions in data/attack.json, repeated in `risk.reasons`. */
export const CONTENT_WEIGHTS: ReadonlyMap<string, number> = new Map([
  ['policy_allows_everything', 0.8],
  ['admin_policy', 0.7],
  ['admin_group', 0.5],
  ['root_access_key', 0.6],
  ['key_quarantined_by_aws', 0.7],
  ['public', 0.6],
  ['open_to_the_internet', 0.15],
  ['admin_port_open_to_the_internet', 0.5],
  ['trusts_outside_principal', 0.5],
  ['shared', 0.2],
  ['replicated_to_another_account', 0.4],
  ['key_of_another_account', 0.5],
  ['caller_supplied_key', 0.3],
  ['caller_supplied_key_or_ransom_note', 0.4],
  ['outside_certificate_authority', 0.4],
  ['public_access_block_off', 0.3],
  ['no_authentication', 0.4],
  ['management_events_off', 0.3],
  ['trail_narrowed', 0.2],
  ['no_final_snapshot', 0.2],
  ['backups_off', 0.2],
  ['versioning_off', 0.2],
  ['deletion_protection_off', 0.1],
  ['shortest_waiting_period', 0.2],
  ['for_another_user', 0.2],
  ['master_password_replaced', 0.2],
  ['shell_document', 0.2],
  ['mining_sized_instance', 0.3],
  ['sign_in_without_mfa', 0.3],
  ['root_sign_in', 0.2],
  ['mfa_refused', 0.2],
  ['trufflehog_agent', 0.5],
  ['s3_browser_agent', 0.2],
]);

/** By the best confidence among the event's techniques; a read's techniques weigh less. */
export const ATTACK_WEIGHTS = {
  write: { high: 0.2, medium: 0.1, low: 0.03, derived: 0 },
  read: { high: 0.1, medium: 0, low: 0, derived: 0 },
} as const;

/** By the policy the event puts into force. */
export const POLICY_WEIGHTS = {
  policy_grants_admin: 0.8,
  boundary_allows_everything: 0.3,
  policy_is_public: 0.6,
  policy_risk_critical: 0.7,
  policy_risk_high: 0.4,
  policy_risk_medium: 0.15,
  policy_risk_low: 0.05,
  policy_trusts_foreign_account: 0.3,
  policy_broadened: 0.25,
  policy_partly_broadened: 0.15,
  policy_hidden: 0.2,
  policy_omitted: 0.2,
  policy_invalid: 0.1,
  policy_too_large: 0.4,
  policy_too_complex: 0.5,
} as const;

/**
 * By whom a policy, trust or sharing call lets in, beside what the call itself weighs. One of our own accounts
 * adds nothing: a company has many. A vendor's adds little: its manual says so, and others read manuals too.
 */
export const FOREIGN_WEIGHTS = {
  unknown_foreign_account: { write: 0.5, read: 0.1 },
  vendor_foreign_account: { write: 0.1, read: 0.02 },
} as const;

/** Calls that only read weigh less. */
export function tierOf({ access_level: level }: ActionEnrichment): 'read' | 'write' {
  return level === 'List' || level === 'Read' ? 'read' : 'write';
}

/**
 * By who made the call and from where, so an attempt counts in full. `read` is for calls that only read.
 * On a Write's base of 15 points 0.15 stays low, 0.18 is medium, 0.5 high.
 */
export const ACTOR_WEIGHTS = {
  // Rare in an account that is run well, and beyond every policy. Its reads are mostly billing pages.
  root_user: { write: 0.3, read: 0.1 },
  // Meant for emergencies alone: somebody should know of every use.
  break_glass_principal: { write: 0.3, read: 0.1 },
  // The strongest word of the company file: it says itself that this role is never used from there.
  role_used_from_unexpected_place: { write: 0.5, read: 0.3 },
  // Nobody works through Tor by accident; what is read through it has left the house.
  tor_exit: { write: 0.5, read: 0.3 },
  // An account that is neither ours nor a vendor's. Cross-account reads are mostly of what was shared.
  unknown_caller_account: { write: 0.4, read: 0.15 },
  // Written by whoever calls, so certain in one direction only.
  attack_tool: { high: 0.7, medium: 0.5, low: 0.2 },
  // Mostly the company's own auditors and their nightly scans: a reason to look, never a level by itself.
  audit_tool: { high: 0.15, medium: 0.1, low: 0.05 },
  // An attacker's laptop, or a tester's: less than a tool that does nothing but attack.
  attack_distribution: 0.5,
  // A stolen or newly made key; also a colleague who tries something new, once per kind.
  first_use_of_key_kind: { established: 0.3, recent: 0.1 },
  key_used_from_new_source: { high: 0.7, medium: 0.4, low: 0.1 },
  session_used_from_several_sources: { high: 0.5, medium: 0.3, low: 0.05 },
} as const;

/**
 * Base of events without an IAM action, 0 to 100: by access level where one is inferred, else that of a
 * sign-in or of a service's own note.
 */
export const LEVEL_BASES: ReadonlyMap<string, number> = new Map([
  ['List', 2],
  ['Read', 4],
  ['Tagging', 8],
  ['Write', 15],
  ['Permissions management', 40],
]);

/** Base of an event without action and level. */
export const UNKNOWN_BASE = 5;
