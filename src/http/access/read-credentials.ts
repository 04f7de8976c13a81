/** Longer values are no key of ours, and not worth hashing. */
const MAX_LENGTH = 1024;

/**
 * The key in an `Authorization` header: `Bearer <key>`, or `Basic` with the key as the password, which is
 * what Logstash's http filter sends (preemptively). The user name says nothing and is ignored. Undefined
 * when there is none.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6750#section-2.1
 * @see https://www.rfc-editor.org/rfc/rfc7617
 */
export function readCredentials(header: string | undefined): string | undefined {
  if (header === undefined || header.length > MAX_LENGTH) return undefined;
  const space = header.indexOf(' ');
  if (space < 0) return undefined;
  const scheme = header.slice(0, space).toLowerCase();
  const value = header.slice(space + 1).trim();
  if (scheme === 'bearer') return nonEmpty(value);
  if (scheme !== 'basic') return undefined;
  const pair = Buffer.from(value, 'base64').toString('utf8');
  const colon = pair.indexOf(':');
  return colon < 0 ? undefined : nonEmpty(pair.slice(colon + 1));
}

function nonEmpty(key: string): string | undefined {
  return key === '' ? undefined : key;
}
