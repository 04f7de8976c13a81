/**
 * The issuing side of a temporary key, as it is kept in a record: who asked, for what, from where. Small,
 * because a million are kept; never the secret key or the session token.
 */
export type Origin = {
  /** Canonical source, when the key was issued to an address. */
  readonly source?: string;
  readonly userAgent?: string;
  readonly region?: string;
  /** ARN of the caller. */
  readonly principal?: string;
  /** `userIdentity.type` of the caller. */
  readonly principalType?: string;
  /** Name of a federated caller: SAML NameID or web identity subject. */
  readonly subject?: string;
  readonly role?: string;
  readonly sessionName?: string;
  readonly sourceIdentity?: string;
  readonly onBehalfOf?: string;
  readonly mfa?: boolean;
  /** Canonical time. */
  readonly expires?: string;
  /** Service that issued the key for a workload, such as `ec2.amazonaws.com`. */
  readonly issuerService?: string;
  /** Record key of the temporary key that the caller used: the link to the chain's previous step. */
  readonly parent?: string;
};

const SHORT_NAMES = {
  source: 's',
  userAgent: 'a',
  region: 'g',
  principal: 'p',
  principalType: 't',
  subject: 'f',
  role: 'r',
  sessionName: 'n',
  sourceIdentity: 'i',
  onBehalfOf: 'b',
  expires: 'x',
  issuerService: 'o',
  parent: 'k',
} as const satisfies { [Name in Exclude<keyof Origin, 'mfa'>]-?: string };
const NAMES = Object.entries(SHORT_NAMES) as [Exclude<keyof Origin, 'mfa'>, string][];
/** Longer than any role ARN; what is longer is not AWS's. */
const LONGEST_TEXT = 700;

/** An origin as one line of ASCII. */
export function encodeOrigin(origin: Origin): string {
  const compact: Record<string, string | number> = {};
  for (const [name, short] of NAMES) {
    const value = origin[name];
    if (value !== undefined && value.length <= LONGEST_TEXT) compact[short] = value;
  }
  if (origin.mfa !== undefined) compact['m'] = origin.mfa ? 1 : 0;
  return JSON.stringify(compact).replace(/[\u007f-\uffff]/g, escaped);
}

/** The origin again; what is damaged is absent. */
export function decodeOrigin(line: string): Origin {
  let compact: unknown;
  try {
    compact = JSON.parse(line);
  } catch {
    return {};
  }
  if (typeof compact !== 'object' || compact === null) return {};
  const values = new Map(Object.entries(compact));
  const origin: { -readonly [Name in keyof Origin]: Origin[Name] } = {};
  for (const [name, short] of NAMES) {
    const value: unknown = values.get(short);
    if (typeof value === 'string') origin[name] = value;
  }
  const mfa: unknown = values.get('m');
  if (mfa === 1 || mfa === 0) origin.mfa = mfa === 1;
  return origin;
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
