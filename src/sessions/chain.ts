import type { SessionIssue, SessionRecord } from './session-record.ts';

/** How many keys back a chain is followed: AWS allows chaining without limit, one hour each. */
export const CHAIN_LIMIT = 4;

/**
 * The issues that led to a key, its own last, the first principal's first. Follows the key that each
 * caller used; bounded, and a circle (a forged or damaged record) ends where it would close.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles.html#iam-term-role-chaining
 */
export function issuesOf(
  key: string,
  recordOf: (key: string) => SessionRecord | undefined,
): readonly SessionIssue[] {
  const issues: SessionIssue[] = [];
  const seen = new Set<string>();
  let at: string | undefined = key;
  while (at !== undefined && issues.length < CHAIN_LIMIT && !seen.has(at)) {
    seen.add(at);
    const issue: SessionIssue | undefined = recordOf(at)?.issue;
    if (issue === undefined) break;
    issues.unshift(issue);
    at = issue.origin.parent;
  }
  return issues;
}

/** The key to ask for next so that the chain can go on; undefined when it is complete as far as it goes. */
export function missingAncestor(
  key: string,
  recordOf: (key: string) => SessionRecord | undefined,
  isAsked: (key: string) => boolean,
): string | undefined {
  const seen = new Set<string>();
  let at: string | undefined = key;
  while (at !== undefined && seen.size < CHAIN_LIMIT && !seen.has(at)) {
    if (!isAsked(at)) return at;
    seen.add(at);
    at = recordOf(at)?.issue?.origin.parent;
  }
  return undefined;
}
