import { NOTES, REASONS } from './reasons.ts';

const BASES: readonly string[] = [...new Set([...Object.values(REASONS), ...Object.values(NOTES)])];
const SUFFIXES: readonly string[] = [NOTES.condition, NOTES.target, NOTES.boundary, NOTES.scoped];

/** A reason as a short text: number of its sentence, then of what is added; other text stays as it is. */
export function encodeReason(reason: string): string {
  const base = BASES.findIndex((one) => reason.startsWith(one));
  let rest = base === -1 ? reason : reason.slice(BASES[base]?.length);
  let code = String(base);
  while (rest !== '' && base !== -1) {
    const suffix = SUFFIXES.findIndex((one) => rest.startsWith(one));
    if (suffix === -1) return `=${reason}`;
    code += `.${suffix}`;
    rest = rest.slice(SUFFIXES[suffix]?.length);
  }
  return base === -1 ? `=${reason}` : code;
}

/** The reason behind {@link encodeReason}'s text; undefined for any other text. */
export function decodeReason(code: string): string | undefined {
  if (code.startsWith('=')) return code.slice(1);
  const [base = '', ...suffixes] = code.split('.');
  let reason = BASES[Number(base)];
  for (const suffix of suffixes) {
    const text = SUFFIXES[Number(suffix)];
    reason = reason === undefined || text === undefined ? undefined : reason + text;
  }
  return reason;
}
