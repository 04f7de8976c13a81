import type { CloudTrailEvent } from '../../cloudtrail/event.ts';
import { accountOfPrincipal, ownAccountOf } from '../attack/principal.ts';
import { valuesAt } from '../attack/values.ts';
import { SHARING_CALLS } from './sharing-calls.ts';

/**
 * The foreign accounts that a sharing call names in its request, by id or by the ARN of one of their
 * principals or resources; undefined for every other call and when there is none. Bounded, and what is
 * neither id nor ARN (`all`, a service, an organization's id) names no account.
 */
export function sharedAccounts(event: CloudTrailEvent): readonly string[] | undefined {
  const { eventSource, eventName } = event;
  if (eventSource === undefined || eventName === undefined) return undefined;
  const paths = SHARING_CALLS.get(eventSource)?.get(eventName);
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
