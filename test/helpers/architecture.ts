import { posix } from 'node:path';

/**
 * The dependency rule of DESIGN section 3: who may know whom, and what a pure room may use. A room is a
 * folder below src/, or a file that lies in src/ itself.
 */
export type RoomRule = {
  /** Rooms it may import from, or single files of a room. */
  readonly knows: readonly string[];
  /** Packages and Node's modules; `*` for any. */
  readonly modules: readonly string[];
  /** True where there is no I/O, no clock, no randomness and no environment. */
  readonly pure?: boolean;
  /** Modules and globals that single files may use beyond that. */
  readonly exceptions?: Readonly<Record<string, readonly string[]>>;
};
export type Rules = Readonly<Record<string, RoomRule>>;

/** A file, its path below src/. */
export type SourceFile = { readonly path: string; readonly source: string };

/** Globals that make a function answer differently from call to call, or reach outside. */
const IMPURE: readonly (readonly [name: string, pattern: RegExp])[] = [
  ['Date.now', /\bDate\.now\b/],
  ['new Date()', /\bnew Date\(\s*\)|\bnew Date\b(?!\s*\()/],
  ['Math.random', /\bMath\.random\b/],
  ['performance', /\bperformance\s*\./],
  ['process', /\bprocess\s*\./],
  ['console', /\bconsole\s*\./],
  ['fetch', /\bfetch\s*\(/],
  ['setTimeout', /\bsetTimeout\b/],
  ['setInterval', /\bsetInterval\b/],
  ['setImmediate', /\bsetImmediate\b/],
  ['randomUUID', /\brandom(?:UUID|Bytes|Int)\b/],
];

/** Every breach of the rules, one line each. */
export function violations(files: readonly SourceFile[], rules: Rules): string[] {
  return files.flatMap((file) => {
    const rule = rules[roomOf(file.path)];
    return rule === undefined ? [`${file.path} lies in no known room`] : violationsOf(file, rule);
  });
}

function violationsOf({ path, source }: SourceFile, rule: RoomRule): string[] {
  const code = withoutComments(source);
  const excepted = rule.exceptions?.[path] ?? [];
  const found: string[] = [];
  for (const specifier of importsOf(code)) {
    if (specifier.startsWith('.')) {
      const target = posix.join(posix.dirname(path), specifier);
      const room = roomOf(target);
      const isKnown = room === roomOf(path) || rule.knows.includes(room) || rule.knows.includes(target);
      if (!isKnown) found.push(`${path} knows ${target}`);
    } else if (![...rule.modules, ...excepted].some((module) => module === specifier || module === '*')) {
      found.push(`${path} uses ${specifier}`);
    }
  }
  if (rule.pure !== true) return found;
  for (const [name, pattern] of IMPURE) {
    if (pattern.test(code) && !excepted.includes(name)) found.push(`${path} uses ${name}`);
  }
  if (/\bimport\(\s*[^'"\s]/.test(code)) found.push(`${path} uses a computed import`);
  return found;
}

function roomOf(path: string): string {
  const [first = ''] = path.split('/', 1);
  return first.replace(/\.ts$/, '');
}

function importsOf(code: string): string[] {
  const patterns = [
    /^\s*(?:import|export)\b[^;'"()]*?\bfrom\s*['"]([^'"\n]+)['"]/gm,
    /^\s*import\s*['"]([^'"\n]+)['"]/gm,
    /\b(?:import|require)\(\s*['"]([^'"\n]+)['"]/g,
  ];
  return patterns.flatMap((pattern) => [...code.matchAll(pattern)].map((match) => match[1] ?? ''));
}

/** Comments go; a `//` behind a colon is a URL in a text. */
function withoutComments(source: string): string {
  return source.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|[^:'"`\\])\/\/.*$/gm, '$1');
}
