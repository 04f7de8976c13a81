import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, type YAMLError } from 'yaml';

/** Something wrong with a file: where (line from 1, path such as `networks[3].cidr`) and what. */
export type Fault = { readonly line: number; readonly path: string; readonly message: string };

/** A path into a document: keys of objects, positions in lists. */
export type DocumentPath = readonly (string | number)[];

/** A document as plain values, all scalars as text, that knows the line of each of its members. */
export type YamlDocument = {
  readonly value: unknown;
  /** The line of the member at `path`; of the nearest member around it when there is none. */
  lineOf(path: DocumentPath): number;
};

/** Nothing we read nests deeper than five. */
const DEEPEST = 16;

/** The parser is recursive: what is nested past the stack ends here. */
const TOO_DEEP: Fault = { line: 1, path: '', message: 'cannot be read: nested too deeply' };

/**
 * Reads YAML 1.2, or JSON, which is YAML. Scalars stay text. Aliases are refused rather than counted:
 * nested ones grow without bound ("a billion laughs"), and nobody needs them here. Never throws.
 */
export function readYaml(text: string): {
  readonly document?: YamlDocument;
  readonly faults: readonly Fault[];
} {
  try {
    return convert(text);
  } catch {
    return { faults: [TOO_DEEP] };
  }
}

function convert(text: string): { document?: YamlDocument; faults: Fault[] } {
  const counter = new LineCounter();
  const parsed = parseDocument(text, {
    schema: 'failsafe',
    lineCounter: counter,
    prettyErrors: false,
    strict: true,
    uniqueKeys: true,
  });
  const lineAt = (offset: number): number => Math.max(1, counter.linePos(offset).line);
  const problems: readonly YAMLError[] = [...parsed.errors, ...parsed.warnings];
  // The parser is recursive and reports a spent stack as if it were syntax.
  if (problems.some(({ code }) => code === 'RESOURCE_EXHAUSTION')) return { faults: [TOO_DEEP] };
  const faults = problems.map((problem) => syntaxFault(problem, lineAt(problem.pos[0])));
  // A repeated key leaves the rest readable; after any other error the rest would be noise.
  if (problems.some((problem) => problem.code !== 'DUPLICATE_KEY')) return { faults };
  const lines = new Map<object, Map<string | number, number>>();
  const value = plain(parsed.contents, [], { lines, faults, lineAt });
  return { document: { value, lineOf: (path) => lineOf(value, lines, path) }, faults };
}

function syntaxFault(problem: YAMLError, line: number): Fault {
  if (problem.code === 'DUPLICATE_KEY') return { line, path: '', message: 'a key appears twice' };
  // Only the parser's own sentence: what follows a line break or a colon quotes the file.
  const sentence = problem.message.split(/[\n:]/, 1)[0] ?? '';
  return { line, path: '', message: `cannot be read: ${sentence.slice(0, 120)}` };
}

type Reading = {
  readonly lines: Map<object, Map<string | number, number>>;
  readonly faults: Fault[];
  readonly lineAt: (offset: number) => number;
};

function plain(node: unknown, path: DocumentPath, reading: Reading): unknown {
  if (isScalar(node)) return typeof node.value === 'string' ? node.value : String(node.value ?? '');
  const line = lineOfNode(node, reading) ?? 1;
  if (isAlias(node)) {
    reading.faults.push({
      line,
      path: pathText(path),
      message: 'aliases are not supported: repeat the value',
    });
    return undefined;
  }
  if (path.length >= DEEPEST) {
    reading.faults.push({ line, path: pathText(path), message: 'is nested too deeply' });
    return undefined;
  }
  if (isSeq(node)) return plainList(node.items, path, reading, line);
  if (isMap(node)) return plainObject(node.items, path, reading, line);
  return undefined;
}

function plainList(items: readonly unknown[], path: DocumentPath, reading: Reading, line: number): unknown[] {
  const members = new Map<string | number, number>();
  const list = items.map((item, index) => {
    members.set(index, lineOfNode(item, reading) ?? line);
    return plain(item, [...path, index], reading);
  });
  reading.lines.set(list, members);
  return list;
}

function plainObject(
  pairs: readonly { readonly key: unknown; readonly value: unknown }[],
  path: DocumentPath,
  reading: Reading,
  line: number,
): object {
  const members = new Map<string | number, number>();
  const entries: [string, unknown][] = [];
  for (const pair of pairs) {
    const keyLine = lineOfNode(pair.key, reading) ?? line;
    if (isScalar(pair.key)) {
      const key = String(pair.key.value ?? '');
      members.set(key, keyLine);
      entries.push([key, plain(pair.value, [...path, key], reading)]);
    } else {
      reading.faults.push({ line: keyLine, path: pathText(path), message: 'has a key that is no text' });
    }
  }
  const object = Object.fromEntries(entries);
  reading.lines.set(object, members);
  return object;
}

function lineOfNode(node: unknown, reading: Reading): number | undefined {
  const range = (node as { range?: readonly number[] | null } | null | undefined)?.range;
  return range?.[0] === undefined ? undefined : reading.lineAt(range[0]);
}

function lineOf(root: unknown, lines: Reading['lines'], path: DocumentPath): number {
  let value = root;
  let line = 1;
  for (const step of path) {
    if (typeof value !== 'object' || value === null) return line;
    line = lines.get(value)?.get(step) ?? line;
    value = Object.hasOwn(value, step) ? (value as Record<string | number, unknown>)[step] : undefined;
  }
  return line;
}

/** `networks[3].cidr`; at most 200 characters, for a path may hold keys of any length. */
export function pathText(path: DocumentPath): string {
  let text = '';
  for (const step of path) text += typeof step === 'number' ? `[${step}]` : text === '' ? step : `.${step}`;
  return text.slice(0, 200);
}
