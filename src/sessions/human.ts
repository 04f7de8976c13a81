import type { SessionIssue } from './session-record.ts';

/** The human behind a session and what that rests on, strongest evidence first. */
export type Human = {
  readonly id?: string;
  readonly name?: string;
  readonly evidence: 'source_identity' | 'on_behalf_of' | 'session_name_email' | 'chain_root';
};

/** What the event itself says, beside its chain. */
export type HumanHints = {
  readonly sourceIdentity?: string | undefined;
  readonly onBehalfOf?: string | undefined;
  readonly sessionName?: string | undefined;
};

/**
 * The human behind a chain of issues. `sourceIdentity` can not be changed once set, so it wins;
 * `onBehalfOf` names an Identity Center user; a session name is free text that an administrator may force
 * to be the address; the first principal is a user or an identity provider's subject.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_control-access_monitor.html
 */
export function humanBehind(issues: readonly SessionIssue[], hints: HumanHints): Human | undefined {
  const identity = hints.sourceIdentity ?? lastOf(issues, (issue) => issue.origin.sourceIdentity);
  if (identity !== undefined) return { name: identity, evidence: 'source_identity' };
  const user = hints.onBehalfOf ?? lastOf(issues, (issue) => issue.origin.onBehalfOf);
  if (user !== undefined) return { id: user, evidence: 'on_behalf_of' };
  const email = asEmail(hints.sessionName) ?? lastOf(issues, (issue) => asEmail(issue.origin.sessionName));
  if (email !== undefined) return { name: email, evidence: 'session_name_email' };
  return rootOf(issues[0]);
}

/** An e-mail address, roughly: what a person's session is named by. */
const EMAIL = /^[A-Za-z0-9._%+=-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,6}$/;
/** Subjects that identity providers give to software: Kubernetes, GitHub, GitLab, Terraform Cloud. */
const SOFTWARE_SUBJECT = /^(?:system:serviceaccount:|repo:|project_path:|organization:|spiffe:)/;

function rootOf(first: SessionIssue | undefined): Human | undefined {
  if (first === undefined || first.origin.parent !== undefined) return undefined;
  const { principal, principalType, subject } = first.origin;
  if (principalType === 'IAMUser' && principal !== undefined) {
    return { id: principal, name: principal.slice(principal.lastIndexOf('/') + 1), evidence: 'chain_root' };
  }
  if (subject === undefined || SOFTWARE_SUBJECT.test(subject)) return undefined;
  return { name: subject, evidence: 'chain_root' };
}

function asEmail(name: string | undefined): string | undefined {
  return name !== undefined && name.length <= 128 && EMAIL.test(name) ? name : undefined;
}

function lastOf(
  issues: readonly SessionIssue[],
  read: (issue: SessionIssue) => string | undefined,
): string | undefined {
  for (let i = issues.length - 1; i >= 0; i -= 1) {
    const issue = issues[i];
    const value = issue === undefined ? undefined : read(issue);
    if (value !== undefined) return value;
  }
  return undefined;
}
