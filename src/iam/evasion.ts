import type { ActionSet } from './action-set.ts';
import type { ActionCatalog } from './catalog.ts';
import { hasWildcard, isStars } from './match-pattern.ts';

/** A pattern cut inside a word is suspicious when it stands for at most this many actions. */
const FEW = 3;

/**
 * True when a pattern is spelled so that a reader, or a rule that compares strings, misses what it allows:
 * wildcards in the service (`?am:*`, `*:*`), question marks, doubled stars, or a star inside a word
 * (`iam:P*sRole`, `iam:PassRol*`). Plain habits such as `s3:Get*`, `ec2:*Tags` or `*` are not.
 */
export function isEvasive(
  pattern: string,
  matched: ActionSet,
  sensitive: ActionSet,
  catalog: ActionCatalog,
): boolean {
  if (pattern === '*' || !hasWildcard(pattern)) return false;
  const colon = pattern.indexOf(':');
  const name = pattern.slice(colon + 1);
  if (colon === -1 || hasWildcard(pattern.slice(0, colon))) return true;
  if (name.includes('?') || name.includes('**')) return true;
  if (isStars(name)) return false;
  if (!isCutInsideWord(name)) return isCutAtEnd(pattern, matched, sensitive, catalog);
  return /[A-Z]/.test(name) || isFewAndSensitive(matched, sensitive);
}

/** A star directly before a small letter: `G*tObject`, `*assRole`. */
function isCutInsideWord(name: string): boolean {
  for (let star = name.indexOf('*'); star !== -1; star = name.indexOf('*', star + 1)) {
    const next = name.charCodeAt(star + 1);
    if (next >= 97 && next <= 122) return true;
  }
  return false;
}

/** A star at the end that stands for the rest of one sensitive action's last word: `PassRol*`. */
function isCutAtEnd(
  pattern: string,
  matched: ActionSet,
  sensitive: ActionSet,
  catalog: ActionCatalog,
): boolean {
  if (pattern.indexOf('*') !== pattern.length - 1 || !isFewAndSensitive(matched, sensitive)) return false;
  return matched.ids().every((id) => {
    const next = (catalog.names[id] ?? '').charCodeAt(pattern.length - 1);
    return next >= 97 && next <= 122;
  });
}

function isFewAndSensitive(matched: ActionSet, sensitive: ActionSet): boolean {
  return matched.meets(sensitive) && matched.size <= FEW;
}
