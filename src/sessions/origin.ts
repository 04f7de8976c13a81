/**
 * The issuing side of a temporary key, as it is kept in a record: who asked, for what, from where. Small,
 * because a million are kept; never the secret key or the session token.
 */
export type Origin = {
  /** Canonical source, when the key was issued to an address. */
  readonly source?: string | undefined;
  /** Family of the user agent. */
  readonly userAgent?: string | undefined;
  /** ARN of the caller. */
  readonly principal?: string | undefined;
  /** `userIdentity.type` of the caller. */
  readonly principalType?: string | undefined;
  /** Name of a federated caller: SAML NameID or web identity subject. */
  readonly subject?: string | undefined;
  readonly role?: string | undefined;
  readonly sessionName?: string | undefined;
  readonly sourceIdentity?: string | undefined;
  readonly onBehalfOf?: string | undefined;
  readonly mfa?: boolean | undefined;
  /** Canonical time. */
  readonly expires?: string | undefined;
  /** Service that issued the key for a workload, such as `ec2.amazonaws.com`. */
  readonly issuerService?: string | undefined;
  /** Record key of the temporary key that the caller used: the link to the chain's previous step. */
  readonly parent?: string | undefined;
};

/** Longer than any role ARN; what is longer is not AWS's. */
const LONGEST_TEXT = 700;
const SEPARATOR = '\t';
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not get into a record
const CONTROL = /[\u0000-\u001f]/;

/** An origin as one line: its members in a fixed order, separated by tabs. */
export function encodeOrigin(origin: Origin): string {
  const { mfa } = origin;
  return (
    part(origin.source) +
    part(origin.userAgent) +
    part(origin.principal) +
    part(origin.principalType) +
    part(origin.subject) +
    part(origin.role) +
    part(origin.sessionName) +
    part(origin.sourceIdentity) +
    part(origin.onBehalfOf) +
    (mfa === undefined ? SEPARATOR : mfa ? `1${SEPARATOR}` : `0${SEPARATOR}`) +
    part(origin.expires) +
    part(origin.issuerService) +
    (origin.parent ?? '')
  );
}

/** The origin again; what is not there is absent. */
export function decodeOrigin(line: string): Origin {
  const parts = line.split(SEPARATOR);
  const mfa = parts[9];
  return {
    source: parts[0] || undefined,
    userAgent: parts[1] || undefined,
    principal: parts[2] || undefined,
    principalType: parts[3] || undefined,
    subject: parts[4] || undefined,
    role: parts[5] || undefined,
    sessionName: parts[6] || undefined,
    sourceIdentity: parts[7] || undefined,
    onBehalfOf: parts[8] || undefined,
    mfa: mfa === '1' ? true : mfa === '0' ? false : undefined,
    expires: parts[10] || undefined,
    issuerService: parts[11] || undefined,
    parent: parts[12] || undefined,
  };
}

/** A member and its separator; what AWS would not have written is left out. */
function part(text: string | undefined): string {
  if (text === undefined || text.length > LONGEST_TEXT || CONTROL.test(text)) return SEPARATOR;
  return text + SEPARATOR;
}
