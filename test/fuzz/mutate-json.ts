import type { Random } from './random.ts';

/** A place in a parsed text: `holder[key]`. */
type Spot = { readonly holder: Record<string, unknown>; readonly key: string };

/** Spots that are considered. */
const MAX_SPOTS = 2000;
const SCALARS: readonly unknown[] = [
  ...[null, true, false, 0, -0, 1, -1, 1.5, 1e300, 2 ** 53, '', '*', '?', '[]', '{}', ' ', '%{[x]}', 'true'],
  ...[
    '111122223333',
    '999988887777',
    '2026-03-04T10:20:30Z',
    '0.0.0.0/0',
    '::/0',
    'AWS Internal',
    '__proto__',
  ],
  ...['a'.repeat(300), '*a'.repeat(40), '\ud800', 'arn:aws:iam::*:role/*', '\u0000', '\n', '|', '/'],
];

/** A copy of the JSON text with one to four changes to its tree, or undefined when it is no JSON. */
export function mutateJson(
  input: Buffer,
  other: Buffer,
  words: readonly string[],
  random: Random,
): Buffer | undefined {
  const root: Record<string, unknown> = { root: parsed(input) };
  if (root['root'] === undefined) return undefined;
  const donor = parsed(other);
  for (let edits = 1 + random.below(4); edits > 0; edits--) {
    const spots = spotsOf(root);
    if (spots.length === 0) return undefined;
    const spot = random.pick(spots);
    change(spot, donor, words, random);
  }
  const text = JSON.stringify(root['root']);
  return text === undefined ? undefined : Buffer.from(text);
}

function change({ holder, key }: Spot, donor: unknown, words: readonly string[], random: Random): void {
  const value = holder[key];
  switch (random.below(12)) {
    case 0:
      put(holder, key, random.pick(SCALARS));
      return;
    case 1:
    case 2:
      put(holder, key, random.pick(words));
      return;
    case 3:
    case 4: {
      const { holder: from, key: name } = random.pick(spotsOf({ donor }));
      put(holder, key, copy(from[name]));
      return;
    }
    case 5:
      if (Array.isArray(holder)) holder.splice(Number(key), 1);
      else delete holder[key];
      return;
    case 6: {
      const name = random.pick(words);
      if (Array.isArray(holder)) holder.push(copy(value));
      else put(holder, name, copy(value));
      return;
    }
    case 7:
      if (Array.isArray(holder)) return;
      delete holder[key];
      put(holder, random.pick(words), value);
      return;
    case 8:
      put(holder, key, random.oneIn(2) ? [value] : { [random.pick(words)]: value });
      return;
    case 9:
      put(holder, key, JSON.stringify(value));
      return;
    case 10:
      put(holder, key, nested(value, 1 << random.below(8)));
      return;
    default:
      if (typeof value === 'string') put(holder, key, editedText(value, words, random));
      else put(holder, key, [copy(value), copy(value)]);
  }
}

function editedText(text: string, words: readonly string[], random: Random): string {
  const at = random.below(text.length + 1);
  const inserted = random.pick(['*', '?', ':', '/', ' ', '\\', 'É', random.pick(words)]);
  switch (random.below(4)) {
    case 0:
      return text.slice(0, at) + inserted + text.slice(at);
    case 1:
      return text.slice(0, at) + inserted + text.slice(at + 1 + random.below(4));
    case 2:
      return random.oneIn(2) ? text.toUpperCase() : text.toLowerCase();
    default:
      return text.slice(0, 64).repeat(1 + random.below(8));
  }
}

function nested(value: unknown, depth: number): unknown {
  let outer = value;
  for (let i = 0; i < depth; i++) outer = i % 2 === 0 ? [outer] : { a: outer };
  return outer;
}

function spotsOf(root: Record<string, unknown>): readonly Spot[] {
  const spots: Spot[] = [];
  const holders: unknown[] = [root];
  for (let i = 0; i < holders.length && spots.length < MAX_SPOTS; i++) {
    const holder = holders[i] as Record<string, unknown>;
    for (const key of Object.keys(holder)) {
      spots.push({ holder, key });
      if (typeof holder[key] === 'object' && holder[key] !== null) holders.push(holder[key]);
    }
  }
  return spots;
}

/** Sets an own member, also one called `__proto__`. */
function put(holder: Record<string, unknown>, key: string, value: unknown): void {
  Object.defineProperty(holder, key, { value, writable: true, enumerable: true, configurable: true });
}

function copy(value: unknown): unknown {
  return value === undefined ? null : (JSON.parse(JSON.stringify(value)) as unknown);
}

function parsed(input: Buffer): unknown {
  try {
    return JSON.parse(input.toString()) as unknown;
  } catch {
    return undefined;
  }
}
