/**
 * Does `text` match a pattern in which `*` stands for any characters and `?` for exactly one? Case
 * counts, as in ARNs. Two pointers and one remembered star: no regular expression is made from input, and
 * the work is at most the product of the two lengths.
 */
export function matchesWildcard(pattern: string, text: string): boolean {
  let p = 0;
  let t = 0;
  let star = -1;
  let resume = 0;
  while (t < text.length) {
    const code = pattern.charCodeAt(p);
    if (code === STAR) {
      star = p;
      resume = t;
      p += 1;
    } else if (p < pattern.length && (code === QUESTION || code === text.charCodeAt(t))) {
      p += 1;
      t += 1;
    } else if (star !== -1) {
      resume += 1;
      p = star + 1;
      t = resume;
    } else {
      return false;
    }
  }
  while (pattern.charCodeAt(p) === STAR) p += 1;
  return p === pattern.length;
}

/** The characters before the first wildcard; the whole pattern when it has none. */
export function literalPrefix(pattern: string): string {
  const end = pattern.search(/[*?]/);
  return end === -1 ? pattern : pattern.slice(0, end);
}

const STAR = 42;
const QUESTION = 63;
