/**
 * Named values at work: single texts, and sets as ascending arrays. A handful of fields is looked through
 * faster than a Map is asked; many get an index.
 */
export class FieldTable {
  readonly #names: string[] = [];
  readonly #values: (string | string[])[] = [];
  #index: Map<string, number> | undefined;

  get size(): number {
    return this.#names.length;
  }

  /** The text of a field; of a set its members, joined by line feeds. */
  get(name: string): string | undefined {
    const at = this.#find(name);
    return at < 0 ? undefined : textOf(this.#values[at] as string | string[]);
  }

  /** Puts a value in place of whatever is there; answers by how many characters the table grew. */
  set(name: string, value: string): number {
    const at = this.#find(name);
    if (at < 0) return this.#add(name, value);
    const old = this.#values[at] as string | string[];
    this.#values[at] = value;
    return value.length - textOf(old).length;
  }

  /**
   * Adds `member` to the set `name`, bounded to `limit` members from one end; answers by how many characters
   * the table grew, undefined when nothing changed.
   */
  keep(name: string, member: string, limit: number, end: 'smallest' | 'largest'): number | undefined {
    const at = this.#find(name);
    if (at < 0) return this.#add(name, member);
    let members = this.#values[at] as string | string[];
    // What came as text is one until somebody adds to it.
    if (typeof members === 'string') {
      members = members.split('\n');
      this.#values[at] = members;
    }
    return keepMember(members, member, limit, end);
  }

  /**
   * Replaces a smaller value, or none; answers by how many characters the table grew, undefined when nothing
   * changed.
   */
  raise(name: string, value: string): number | undefined {
    const at = this.#find(name);
    if (at < 0) return this.#add(name, value);
    const old = textOf(this.#values[at] as string | string[]);
    if (old >= value) return undefined;
    this.#values[at] = value;
    return value.length - old.length;
  }

  /** The last member of the set `name` when it has at least `limit` of them. */
  largestOf(name: string, limit: number): string | undefined {
    const at = this.#find(name);
    if (at < 0) return undefined;
    let members = this.#values[at] as string | string[];
    if (typeof members === 'string') members = members.split('\n');
    return members.length < limit ? undefined : members[members.length - 1];
  }

  /** Takes a field out; answers its text. */
  take(name: string): string | undefined {
    const at = this.#find(name);
    if (at < 0) return undefined;
    const [value] = this.#values.splice(at, 1);
    this.#names.splice(at, 1);
    this.#index = undefined;
    return textOf(value as string | string[]);
  }

  /** Appends the number of fields, then names and values in turn. */
  packInto(parts: string[]): void {
    parts.push(String(this.#names.length));
    for (let at = 0; at < this.#names.length; at++) {
      parts.push(this.#names[at] as string, textOf(this.#values[at] as string | string[]));
    }
  }

  /** Fills an empty table with what {@link packInto} appended from `start` on; answers where that ends. */
  unpackFrom(parts: readonly string[], start: number): number {
    let at = start + 1;
    for (let count = Number(parts[start]); count > 0; count--) {
      this.#names.push(parts[at] as string);
      this.#values.push(parts[at + 1] as string);
      at += 2;
    }
    return at;
  }

  /** Characters of names and values. */
  get length(): number {
    let length = 0;
    for (let at = 0; at < this.#names.length; at++) {
      length += (this.#names[at] as string).length + textOf(this.#values[at] as string | string[]).length;
    }
    return length;
  }

  *entries(): Generator<[name: string, value: string], void, void> {
    for (let at = 0; at < this.#names.length; at++) {
      yield [this.#names[at] as string, textOf(this.#values[at] as string | string[])];
    }
  }

  #add(name: string, value: string): number {
    this.#index?.set(name, this.#names.length);
    this.#names.push(name);
    this.#values.push(value);
    return name.length + value.length;
  }

  #find(name: string): number {
    const names = this.#names;
    if (names.length > INDEXED_LENGTH) {
      this.#index ??= new Map(names.map((each, at) => [each, at]));
      return this.#index.get(name) ?? -1;
    }
    for (let at = 0; at < names.length; at++) if (names[at] === name) return at;
    return -1;
  }
}

/** From this many fields on, looking at every one takes longer than an index. */
const INDEXED_LENGTH = 32;

function textOf(value: string | string[]): string {
  return typeof value === 'string' ? value : value.join('\n');
}

/**
 * Adds `member` to `members`, ascending, bounded to `limit` members from one end, in place. Answers by how
 * many characters they grew, undefined when nothing changed.
 */
export function keepMember(
  members: string[],
  member: string,
  limit: number,
  end: 'smallest' | 'largest',
): number | undefined {
  const position = positionOf(members, member);
  if (members[position] === member) return undefined;
  if (members.length < limit) {
    members.splice(position, 0, member);
    return member.length + 1;
  }
  if (position === (end === 'smallest' ? members.length : 0)) return undefined;
  members.splice(position, 0, member);
  let grown = member.length;
  while (members.length > limit) {
    grown -= ((end === 'smallest' ? members.pop() : members.shift()) as string).length;
  }
  return grown;
}

/** Where `member` is or belongs. Times arrive mostly in order: one behind the last is seen by one comparison. */
function positionOf(members: readonly string[], member: string): number {
  let end = members.length;
  if (end === 0 || (members[end - 1] as string) < member) return end;
  let start = 0;
  while (start < end) {
    const middle = (start + end) >> 1;
    if ((members[middle] as string) < member) start = middle + 1;
    else end = middle;
  }
  return start;
}
