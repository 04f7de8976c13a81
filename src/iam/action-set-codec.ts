import { ActionSet } from './action-set.ts';

/**
 * Short text for a set of ids below `size`: runs of ids as base-36 gaps and lengths, of the set or of its
 * complement, or the bits in base 64, whichever is shortest. Holds no line feed and no quote.
 */
export function encodeSet(set: ActionSet, size: number): string {
  const runs = set.runs();
  const direct = `r${encodeRuns(runs)}`;
  const complement = `c${encodeRuns(complementOf(runs, size))}`;
  const shortest = complement.length < direct.length ? complement : direct;
  if (bitsLength(runs) >= shortest.length) return shortest;
  return `b${Buffer.from(set.bytes()).toString('base64url')}`;
}

/** The set behind {@link encodeSet}'s text; undefined for any other text. */
export function decodeSet(text: string, size: number): ActionSet | undefined {
  const body = text.slice(1);
  switch (text[0]) {
    case 'r':
      return decodeRuns(body, size);
    case 'c': {
      const complement = decodeRuns(body, size);
      return complement === undefined ? undefined : ActionSet.full(size).difference(complement);
    }
    case 'b':
      return decodeBits(body, size);
    default:
      return undefined;
  }
}

/** Ids in a row, `end` not among them. */
type Run = ReturnType<ActionSet['runs']>[number];

/** The runs between `runs`, up to `size`. */
function complementOf(runs: readonly Run[], size: number): Run[] {
  const between: Run[] = [];
  let end = 0;
  for (const run of runs) {
    if (run.first > end) between.push({ first: end, end: run.first });
    end = run.end;
  }
  if (size > end) between.push({ first: end, end: size });
  return between;
}

/** `gap.length` per run, runs joined by commas; a length of one is left out. */
function encodeRuns(runs: readonly Run[]): string {
  let before = 0;
  const texts = runs.map(({ first, end }) => {
    const gap = (first - before).toString(36);
    const length = end - first;
    before = end;
    return length === 1 ? gap : `${gap}.${length.toString(36)}`;
  });
  return texts.join();
}

/** Length of the text of bits, with its mark: bytes up to the last id, in base 64 without padding. */
function bitsLength(runs: readonly Run[]): number {
  const end = runs.at(-1)?.end ?? 0;
  return 1 + Math.ceil((Math.ceil(end / 8) * 4) / 3);
}

function decodeRuns(text: string, size: number): ActionSet | undefined {
  const set = ActionSet.empty(size);
  let end = 0;
  for (const run of text === '' ? [] : text.split(',')) {
    const [gap = '', length = '1'] = run.split('.');
    const first = end + Number.parseInt(gap, 36);
    end = first + Number.parseInt(length, 36);
    if (!(first >= 0 && end > first && end <= size)) return undefined;
    set.addRange(first, end);
  }
  return set;
}

function decodeBits(text: string, size: number): ActionSet | undefined {
  const bytes = Buffer.from(text, 'base64url');
  const set = ActionSet.empty(size);
  for (let i = 0; i < bytes.length; i++) {
    for (let bit = 0; bit < 8; bit++) {
      if ((((bytes[i] ?? 0) >>> bit) & 1) === 0) continue;
      if (i * 8 + bit >= size) return undefined;
      set.add(i * 8 + bit);
    }
  }
  return set;
}
