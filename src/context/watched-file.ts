import { type FileHandle, open } from 'node:fs/promises';
import type { Fault } from './read-yaml.ts';

/** What reading a file's bytes gives: its value, or what is wrong. */
export type Parsed<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly faults: readonly Fault[] };

/** What became of a look at a file. */
export type Look =
  | { readonly status: 'same' | 'read' }
  | { readonly status: 'bad'; readonly faults: readonly Fault[] };

/**
 * A file whose last good content counts. A look reads it when it is another file or another version than
 * at the last look; a bad one is told once and changes nothing.
 */
export class WatchedFile<Value> {
  readonly path: string;
  value: Value | undefined;
  readonly #parse: (bytes: Buffer) => Parsed<Value> | Promise<Parsed<Value>>;
  readonly #largest: number;
  #seen = '';

  constructor(
    path: string,
    largestBytes: number,
    parse: (bytes: Buffer) => Parsed<Value> | Promise<Parsed<Value>>,
  ) {
    this.path = path;
    this.#largest = largestBytes;
    this.#parse = parse;
  }

  /** Looks at the file. With `force` it is read even if it seems to be the same. */
  async look(force = false): Promise<Look> {
    const found = await readVersion(this.path, force ? '' : this.#seen, this.#largest);
    if (found.version === this.#seen && !force) return { status: 'same' };
    this.#seen = found.version;
    if (found.bytes === undefined) return bad(found.problem);
    // Most likely a file that is just being written: to say nothing, a comment will do.
    if (found.bytes.length === 0 && this.value !== undefined) return bad('is empty');
    const parsed = await this.#parse(found.bytes);
    if (!parsed.ok) return { status: 'bad', faults: parsed.faults };
    this.value = parsed.value;
    return { status: 'read' };
  }
}

type Found = { readonly version: string; readonly bytes?: Buffer; readonly problem: string };

/** A file may be written while it is read; then it is read again, and in the end by the next look. */
const ATTEMPTS = 3;

async function readVersion(path: string, seen: string, largest: number): Promise<Found> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const found = await readOnce(path, seen, largest);
    if (found !== undefined) return found;
  }
  return { version: 'changing', problem: 'changes while it is read' };
}

async function readOnce(path: string, seen: string, largest: number): Promise<Found | undefined> {
  let file: FileHandle | undefined;
  try {
    file = await open(path, 'r');
    const version = await versionOf(file);
    if (version === seen) return { version, problem: '' };
    if ((await file.stat()).size > largest) return { version, problem: `is larger than ${largest} bytes` };
    const bytes = await file.readFile();
    return (await versionOf(file)) === version ? { version, bytes, problem: '' } : undefined;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    return { version: `unreadable-${code}`, problem: `cannot be read (${code})` };
  } finally {
    await file?.close();
  }
}

/** A mounted ConfigMap changes by a symbolic link that points elsewhere: the inode tells. */
async function versionOf(file: FileHandle): Promise<string> {
  const { dev, ino, size, mtimeNs, ctimeNs } = await file.stat({ bigint: true });
  return `${dev}-${ino}-${size}-${mtimeNs}-${ctimeNs}`;
}

function bad(message: string): Look {
  return { status: 'bad', faults: [{ line: 1, path: '', message }] };
}
