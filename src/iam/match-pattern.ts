import type { Budget } from './budget.ts';

const STAR = 42;
const QUESTION = 63;

/**
 * True when `text` matches `pattern`, where `*` stands for any characters, none included, and `?` for
 * exactly one. Compares as written: callers lower both where AWS ignores case. No regular expression is
 * built; one pass, going back at most to the last star, so the work is bounded by the text's length times
 * the longest stretch between stars. AWS's names are short; where both sides come from a document the
 * budget bounds it, and an exhausted budget answers false.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
 */
export function matchesPattern(pattern: string, text: string, budget: Budget): boolean {
  if (budget.isExhausted) return false;
  let p = 0;
  let t = 0;
  let star = -1;
  let mark = 0;
  let steps = 0;
  while (t < text.length) {
    if ((++steps & 4095) === 0) {
      budget.spend(4096);
      if (budget.isExhausted) return false;
    }
    const code = p < pattern.length ? pattern.charCodeAt(p) : -1;
    if (code === STAR) {
      star = p++;
      mark = t;
    } else if (code === QUESTION || code === text.charCodeAt(t)) {
      p++;
      t++;
    } else if (star !== -1) {
      p = star + 1;
      t = ++mark;
    } else break;
  }
  budget.spend(steps & 4095);
  if (t < text.length) return false;
  while (p < pattern.length && pattern.charCodeAt(p) === STAR) p++;
  return p === pattern.length;
}

/** True when the pattern has a wildcard that stands for other text. */
export function hasWildcard(pattern: string): boolean {
  return pattern.includes('*') || pattern.includes('?');
}

/**
 * True when the pattern is made of wildcards alone, with a `*` among them: `*`, `**`, `?*`. As a resource
 * it matches every ARN.
 */
export function matchesEverything(pattern: string): boolean {
  let stars = 0;
  for (let i = 0; i < pattern.length; i++) {
    const code = pattern.charCodeAt(i);
    if (code === STAR) stars++;
    else if (code !== QUESTION) return false;
  }
  return stars > 0;
}

/** True when the pattern is made of stars alone: it matches every text, the empty one too. */
export function isStars(pattern: string): boolean {
  return matchesEverything(pattern) && !pattern.includes('?');
}
