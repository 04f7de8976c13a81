import type { CloudTrailEvent } from '../../cloudtrail/event.ts';
import { readString } from '../../cloudtrail/json.ts';

/**
 * The account of a principal: of an ARN (`arn:aws:iam::111122223333:root`), or the bare account id.
 * Undefined for services, for everybody, and for ARNs without an account of twelve digits.
 */
export function accountOfPrincipal(principal: string): string | undefined {
  if (isAccountId(principal)) return principal;
  if (!principal.startsWith('arn:')) return undefined;
  const account = principal.slice(0, 256).split(':')[4];
  return account !== undefined && isAccountId(account) ? account : undefined;
}

/** The account a record belongs to: the recipient's, else the caller's. */
export function ownAccountOf(event: CloudTrailEvent): string | undefined {
  return event.recipientAccountId ?? readString(event.userIdentity, 'accountId');
}

function isAccountId(text: string): boolean {
  return /^\d{12}$/.test(text);
}
