import { boundedMemo } from './bounded-memo.ts';

/** How much of a family is kept: enough to tell products apart. */
const LONGEST_FAMILY = 24;
/** Where a product's name ends. */
const NAME = /^[[(]?([A-Za-z][A-Za-z0-9.-]{0,63})/;

/**
 * The family of a user agent: its first product's name in lower case, without version. `aws-cli`,
 * `boto3`, `apn` (Terraform), `mozilla`, a service's host name. `unknown` when there is no name. A
 * caller chooses its user agent, so equal families mean nothing; different ones mean a little.
 */
export function agentFamily(userAgent: string | undefined): string {
  if (userAgent === undefined) return UNKNOWN;
  return userAgent.length > LONGEST_REMEMBERED ? familyOf(userAgent) : remembered(userAgent);
}

/** What {@link agentFamily} answers when it can not tell. */
export const UNKNOWN = 'unknown';

/** Longer user agents are looked at again each time: they would be somebody else's way to fill memory. */
const LONGEST_REMEMBERED = 256;
const remembered = boundedMemo(1024, familyOf);

function familyOf(userAgent: string): string {
  const name = NAME.exec(userAgent)?.[1];
  return name === undefined ? UNKNOWN : name.slice(0, LONGEST_FAMILY).toLowerCase();
}
