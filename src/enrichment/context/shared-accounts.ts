import type { CloudTrailEvent } from '../../cloudtrail/event.ts';
import { accountOfPrincipal, ownAccountOf } from '../attack/principal.ts';
import { valuesAt } from '../attack/values.ts';
import { SHARING_CALLS, type SharingPaths } from './sharing-calls.ts';

/** Where a sharing call names the accounts; undefined for every other call. */
export function sharingPathsOf(
  eventSource: string | undefined,
  eventName: string | undefined,
): SharingPaths | undefined {
  if (eventSource === undefined || eventName === undefined) return undefined;
  return SHARING_CALLS.get(eventSource)?.get(eventName);
}

/**
 * The foreign accounts that a sharing call names in its request, by id or by the ARN of one of their
 * principals or resources; undefined for every other call and when there is none. Bounded, and what is
 * neither id nor ARN (`all`, a service, an organization's id) names no account.
 *
 * @param paths of {@link sharingPathsOf}, for whoever knows them already
 */
export function sharedAccounts(
  event: CloudTrailEvent,
  paths = sharingPathsOf(event.eventSource, event.eventName),
): readonly string[] | undefined {
  if (paths === undefined) return undefined;
  const own = ownAccountOf(event);
  const accounts = new Set<string>();
  for (const path of paths) {
    for (const value of valuesAt(event, path)) {
      const isNamed = typeof value === 'string' || typeof value === 'number';
      const account = isNamed ? accountOfPrincipal(String(value)) : undefined;
      if (account !== undefined && account !== own) accounts.add(account);
    }
  }
  return accounts.size === 0 ? undefined : [...accounts];
}
