import { mutateJson } from './mutate-json.ts';
import type { Random } from './random.ts';

/** Longest input. */
const MAX_BYTES = 4096;
/** Inputs that are JSON are changed as trees this often, out of ten. */
const JSON_TENTHS = 6;

const PIECES = [
  ...['{', '}', '[', ']', ',', ':', '"', '\\', '\n', ' ', '\t', '\0', '\u001f', '\u007f', '\ufeff', '\u2028'],
  ...['""', '{}', '[]', '"a":', '[[', ']]', '-', '-0', '0.0', '1e5', '01', '1E+400', '12345678901234567890'],
  ...[
    'true',
    'tru',
    'false',
    'null',
    '\\u0061',
    '\\ud800',
    '\\u12',
    '\\"',
    '\\\\',
    'é',
    '😀',
    '%{[x]}',
    '%7B',
  ],
];

/** A changed copy of one input, sometimes with parts of another. */
export function mutate(input: Buffer, other: Buffer, words: readonly string[], random: Random): Buffer {
  let changed = input;
  if (random.below(10) < JSON_TENTHS) changed = mutateJson(changed, other, words, random) ?? changed;
  if (changed === input || random.oneIn(4)) {
    for (let edits = 1 << random.below(4); edits > 0; edits--) changed = edit(changed, other, words, random);
  }
  return changed.subarray(0, MAX_BYTES);
}

function edit(input: Buffer, other: Buffer, words: readonly string[], random: Random): Buffer {
  const at = random.below(input.length + 1);
  const length = Math.min(input.length - at, 1 << random.below(8));
  switch (random.below(9)) {
    case 0:
      return spliced(input, at, Math.min(1, input.length - at), Buffer.from([random.below(256)]));
    case 1:
      return spliced(input, at, length, Buffer.alloc(0));
    case 2:
      return spliced(input, at, 0, Buffer.from(random.pick(PIECES)));
    case 3:
      return spliced(input, at, 0, Buffer.from(random.pick(words)));
    case 4:
      return spliced(input, at, 0, Buffer.from(JSON.stringify(random.pick(words))));
    case 5:
      return spliced(input, random.below(input.length + 1), 0, input.subarray(at, at + length));
    case 6: {
      const from = random.below(other.length + 1);
      return spliced(input, at, length, other.subarray(from, from + (1 << random.below(9))));
    }
    case 7:
      return withMember(input, at, other, words, random);
    default:
      return spliced(input, at, 0, Buffer.alloc(1 << random.below(8), random.pick(PIECES)));
  }
}

/** A further member at the start of some object: the way to write a key twice. */
function withMember(
  input: Buffer,
  from: number,
  other: Buffer,
  words: readonly string[],
  random: Random,
): Buffer {
  const brace = input.indexOf('{', from);
  if (brace < 0) return input;
  const value = random.oneIn(2)
    ? other.toString('latin1')
    : random.pick(['1', '""', '{}', '[]', '[{}]', 'null']);
  const member = `${JSON.stringify(random.pick(words))}:${value}${random.oneIn(8) ? '' : ','}`;
  return spliced(input, brace + 1, 0, Buffer.from(member, 'latin1'));
}

function spliced(input: Buffer, at: number, removed: number, inserted: Buffer): Buffer {
  return Buffer.concat([input.subarray(0, at), inserted, input.subarray(at + removed)]);
}
