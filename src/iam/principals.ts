import { isRecord } from './json-record.ts';

/** One principal a statement names. */
export type PrincipalEntry =
  | { readonly kind: 'anybody'; readonly text: string }
  | { readonly kind: 'account'; readonly account: string; readonly text: string }
  | { readonly kind: 'service'; readonly service: string; readonly text: string }
  | { readonly kind: 'federated'; readonly provider: string; readonly text: string }
  /** A unique id or canonical user id, which does not tell its account. */
  | { readonly kind: 'opaque'; readonly text: string };

export type ParsedPrincipals = {
  readonly entries: readonly PrincipalEntry[];
  readonly isMalformed: boolean;
  readonly length: number;
};

/**
 * Reads a Principal or NotPrincipal element.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
 */
export function parsePrincipals(value: unknown): ParsedPrincipals {
  if (value === '*') return { entries: [{ kind: 'anybody', text: '*' }], isMalformed: false, length: 1 };
  if (!isRecord(value)) return { entries: [], isMalformed: true, length: 8 };
  const entries: PrincipalEntry[] = [];
  let isMalformed = false;
  let length = 0;
  for (const [type, given] of Object.entries(value)) {
    for (const text of Array.isArray(given) ? given : [given]) {
      length += typeof text === 'string' ? text.length + 3 : 8;
      const entry = typeof text === 'string' && text !== '' ? readPrincipal(type, text) : undefined;
      if (entry === undefined) isMalformed = true;
      else entries.push(entry);
    }
  }
  return { entries, isMalformed: isMalformed || entries.length === 0, length };
}

/** The 12-digit account of an ARN or a bare account id; `*` for any; undefined when it names none. */
export function accountOf(text: string): string | undefined {
  if (isAccountId(text)) return text;
  if (!text.startsWith('arn:')) return undefined;
  const account = text.split(':', 5)[4] ?? '';
  if (isAccountId(account)) return account;
  return account.includes('*') || account.includes('?') ? '*' : undefined;
}

export function isAccountId(text: string): boolean {
  return /^\d{12}$/.test(text);
}

function readPrincipal(type: string, text: string): PrincipalEntry | undefined {
  switch (type) {
    case 'AWS':
      return readAwsPrincipal(text);
    case 'Service':
      return text.includes('*')
        ? { kind: 'anybody', text: `Service ${text}` }
        : { kind: 'service', service: text.toLowerCase(), text: `Service ${text.toLowerCase()}` };
    case 'Federated':
      return text === '*'
        ? { kind: 'anybody', text: 'Federated *' }
        : { kind: 'federated', provider: text, text: `Federated ${text}` };
    case 'CanonicalUser':
      return { kind: 'opaque', text: `CanonicalUser ${text}` };
    default:
      return undefined;
  }
}

function readAwsPrincipal(text: string): PrincipalEntry | undefined {
  if (/^\*+$/.test(text)) return { kind: 'anybody', text: '*' };
  const account = accountOf(text);
  if (account === '*') return { kind: 'anybody', text: `AWS ${text}` };
  if (account !== undefined) return { kind: 'account', account, text: `AWS ${text}` };
  if (/^arn:[a-z-]+:iam::cloudfront:/.test(text)) {
    return { kind: 'service', service: 'cloudfront.amazonaws.com', text: `AWS ${text}` };
  }
  return /^[A-Z0-9]{16,}$/.test(text) ? { kind: 'opaque', text: `AWS ${text}` } : undefined;
}
