/**
 * Parts of the world that hold a given part, so that two versions can be compared by what contains what. A
 * version keeps only hashes of parts: whatever is to be recognized as wider has to be named beforehand. So
 * these are the steps people take, not every pattern that would match: everything in place of a resource or
 * of its last pieces, everybody in place of a principal, no condition in place of one.
 */

/** A part as its three sides; `who` only where a policy names principals. */
export type Place = {
  readonly who: string | undefined;
  readonly where: string;
  /** Conditions in one text; empty for none. */
  readonly limit: string;
};

/** Wider resources tried per part. */
const MAX_PATTERNS = 4;
/** Where the resource begins in an ARN: behind the fifth colon. */
const ARN_COLONS = 5;

/**
 * The places that hold `place`, itself left out: first those with a whole side in place of it, then those
 * that differ on one side, then the rest.
 */
export function widerPlaces(place: Place): Place[] {
  const whos = [place.who, ...widerPrincipals(place.who)];
  const wheres = [place.where, ...widerResources(place.where)];
  const limits = place.limit === '' ? [''] : [place.limit, ''];
  const ranked: Place[][] = [[], [], []];
  for (const who of whos) {
    for (const where of wheres) {
      for (const limit of limits) {
        const changed = [who !== place.who, where !== place.where, limit !== place.limit];
        const sides = changed.filter(Boolean).length;
        if (sides === 0) continue;
        const isWhole = (who === place.who || who === '*') && (where === place.where || where === '*');
        ranked[isWhole ? 0 : sides === 1 ? 1 : 2]?.push({ who, where, limit });
      }
    }
  }
  return ranked.flat();
}

/**
 * Everybody holds every account, user, role and service; an account's id and its root are two spellings of
 * one principal. Identity providers are left out: whether `*` lets their users in depends on the call.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
 */
function widerPrincipals(who: string | undefined): string[] {
  if (who === undefined || who === '*' || who.startsWith('Federated ')) return [];
  const id = /^AWS (\d{12})$/.exec(who)?.[1];
  if (id !== undefined) return [`AWS arn:aws:iam::${id}:root`, '*'];
  const root = /^AWS arn:aws:iam::(\d{12}):root$/.exec(who)?.[1];
  return root === undefined ? ['*'] : [`AWS ${root}`, '*'];
}

/**
 * All resources, and the resource's own ARN cut behind one of its separators: `b/x/*` lies in `b/*`. What
 * stands behind a policy variable is not cut: its name is no text of the resource.
 */
function widerResources(where: string): string[] {
  if (where === '' || where === '*' || where === CUT) return [];
  const patterns: string[] = [];
  if (where.startsWith('arn:')) {
    let at = 0;
    for (let colons = 0; colons < ARN_COLONS && at !== -1; colons += 1) at = where.indexOf(':', at) + 1 || -1;
    if (at !== -1) {
      patterns.push(`${where.slice(0, at)}*`);
      const variable = where.indexOf('${');
      const last = variable === -1 ? where.length - 1 : variable;
      for (let end = at; end < last; end += 1) {
        const character = where.charAt(end);
        if (character !== '/' && character !== ':') continue;
        patterns.push(`${where.slice(0, end)}*`, `${where.slice(0, end + 1)}*`);
      }
    }
  }
  // The nearest ones: people widen by a step.
  return ['*', ...patterns.filter((pattern) => pattern !== where).slice(-MAX_PATTERNS)];
}

/** Stands for what a Deny with NotResource leaves, which no resource names. */
export const CUT = 'cut';
