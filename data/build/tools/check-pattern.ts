/**
 * What makes a signature's regular expression unfit for text that attackers write: quantifiers without a
 * bound (time), look-behind and back-references (time, surprise), a missing literal (the cheap test in
 * front). Undefined when it is fit.
 */
export function patternFault(pattern: string, literal: string): string | undefined {
  if (literal !== literal.toLowerCase() || literal.length < 4)
    return 'needs a lower-case literal of 4 or more';
  const bare = pattern.replace(/\\./g, '_').replace(/\[\^?[^\]]*\]/g, '_');
  if (/[*+]/.test(bare) || /\{\d+,\}/.test(bare)) return 'has a quantifier without a bound';
  if (/\(\?<[!=]/.test(bare) || /\\(?:k<|[1-9])/.test(pattern)) return 'looks behind or refers back';
  if (/\)(?:\{)/.test(bare) && /\{\d+,\d{3,}\}/.test(bare)) return 'repeats a group too often';
  try {
    new RegExp(pattern, 'i');
    return undefined;
  } catch {
    return 'is no regular expression';
  }
}
