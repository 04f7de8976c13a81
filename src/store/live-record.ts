import { FieldTable } from './field-table.ts';
import { groupField, type StoredRecord } from './port.ts';

/**
 * A record at work: what operations change in place. The fields of a group's members lie in tables of their
 * own, so that an operation touches what it is about and builds no text. The flat view of the port
 * (`<group>/<member>/<field>`) is made when somebody reads it.
 */
export class LiveRecord implements StoredRecord {
  /** Single fields and sets. Who changes them tells with {@link noteChange}. */
  readonly fields = new FieldTable();
  reading: object | undefined = undefined;
  #groups: Group[] | undefined;
  #revision = 0;
  #bytes = 0;

  /** The record whose flat fields these are, in any order. */
  static from(flat: Iterable<readonly [field: string, value: string]>): LiveRecord {
    const record = new LiveRecord();
    for (const [field, value] of flat) record.#restore(field, value);
    return record;
  }

  /** The record that {@link pack} took apart. */
  static unpack(parts: readonly string[]): LiveRecord {
    const record = new LiveRecord();
    let at = record.fields.unpackFrom(parts, 0);
    record.#bytes = record.fields.length;
    while (at < parts.length) {
      const group = new Group(parts[at] as string, []);
      let members = Number(parts[at + 1]);
      for (at += 2; members > 0; members--) {
        const table = new FieldTable();
        group.members.push(parts[at] as string);
        group.tables.push(table);
        record.#bytes += (parts[at] as string).length + 1;
        at = table.unpackFrom(parts, at + 1);
        record.#bytes += table.length;
      }
      record.#groups ??= [];
      record.#groups.push(group);
    }
    return record;
  }

  /** Its fields; then per group the name, the number of members, and each with its fields. */
  pack(): string[] {
    const parts: string[] = [];
    this.fields.packInto(parts);
    for (const { name, members, tables } of this.#groups ?? NO_GROUPS) {
      parts.push(name, String(members.length));
      for (let at = 0; at < members.length; at++) {
        parts.push(members[at] as string);
        tables[at]?.packInto(parts);
      }
    }
    return parts;
  }

  get revision(): number {
    return this.#revision;
  }

  /** About how many characters its fields have. */
  get bytes(): number {
    return this.#bytes;
  }

  get size(): number {
    let size = this.fields.size;
    for (const { tables } of this.#groups ?? NO_GROUPS) {
      size++;
      for (const table of tables) size += table.size;
    }
    return size;
  }

  get(field: string): string | undefined {
    if (this.#groups === undefined) return this.fields.get(field);
    const [name, member, inner] = partsOf(field);
    const group = this.#findGroup(name);
    if (group === undefined) return this.fields.get(field);
    if (inner === undefined) return field === name ? group.members.join('\n') : undefined;
    return group.tables[group.members.indexOf(member)]?.get(inner);
  }

  *[Symbol.iterator](): Generator<[field: string, value: string], void, void> {
    yield* this.fields.entries();
    for (const { name, members, tables } of this.#groups ?? NO_GROUPS) {
      yield [name, members.join('\n')];
      for (const [at, table] of tables.entries()) {
        for (const [field, value] of table.entries())
          yield [groupField(name, members[at] ?? '', field), value];
      }
    }
  }

  /**
   * The fields of `member` of the group `name`, which keeps its `limit` smallest members; undefined when the
   * member is not one of them. A member that is displaced takes its fields along.
   */
  memberOf(name: string, member: string, limit: number): FieldTable | undefined {
    const { members, tables } = this.#groupOf(name);
    const known = members.indexOf(member);
    if (known >= 0) return tables[known];
    let position = members.length;
    while (position > 0 && (members[position - 1] as string) > member) position--;
    if (position >= limit) return undefined;
    const table = new FieldTable();
    members.splice(position, 0, member);
    tables.splice(position, 0, table);
    let grown = member.length + 1;
    while (members.length > limit) grown -= (members.pop()?.length ?? 0) + 1 + (tables.pop()?.length ?? 0);
    this.noteRevision(grown);
    return table;
  }

  /** The fields of a member of the group `name`; undefined when it is none. */
  fieldsOf(name: string, member: string): FieldTable | undefined {
    const group = this.#findGroup(name);
    return group?.tables[group.members.indexOf(member)];
  }

  /** The number of the next `first` write, as it is stored. */
  nextOrdinal(): string {
    const ordinal = String(Number(this.fields.get(ORDINAL_FIELD) ?? '0') + 1).padStart(8, '0');
    this.#bytes += this.fields.set(ORDINAL_FIELD, ordinal);
    return ordinal;
  }

  /** A field was changed, by which the record grew. */
  noteChange(grownBytes: number): void {
    this.#bytes += grownBytes;
  }

  /** The same of a field that counts for {@link StoredRecord.revision}. */
  noteRevision(grownBytes: number): void {
    this.#revision++;
    this.#bytes += grownBytes;
  }

  #restore(field: string, value: string): void {
    this.#bytes += field.length + value.length;
    const [name, member, inner] = partsOf(field);
    if (inner !== undefined) {
      const { members, tables } = this.#groupOf(name);
      let at = members.indexOf(member);
      if (at < 0) at = members.push(member) - 1;
      tables[at] ??= new FieldTable();
      tables[at]?.set(inner, value);
      return;
    }
    const group = this.#findGroup(name);
    if (group === undefined) this.fields.set(field, value);
    else group.restoreMembers(value.split('\n'));
  }

  #groupOf(name: string): Group {
    const known = this.#findGroup(name);
    if (known !== undefined) return known;
    const group = new Group(name, this.fields.take(name)?.split('\n') ?? []);
    this.#groups ??= [];
    this.#groups.push(group);
    return group;
  }

  #findGroup(name: string): Group | undefined {
    for (const group of this.#groups ?? NO_GROUPS) if (group.name === name) return group;
    return undefined;
  }
}

/** The field that counts a record's `first` writes. */
const ORDINAL_FIELD = '#';
const NO_GROUPS: readonly Group[] = [];

/** A group's members, ascending, with the fields of each. */
class Group {
  readonly name: string;
  members: string[];
  tables: FieldTable[];

  constructor(name: string, members: string[]) {
    this.name = name;
    this.members = members;
    this.tables = members.map(() => new FieldTable());
  }

  /** Brings members whose fields were read before their list into its order. */
  restoreMembers(members: string[]): void {
    this.tables = members.map((member) => this.tables[this.members.indexOf(member)] ?? new FieldTable());
    this.members = members;
  }
}

/** `<group>/<member>/<field>`, or a name alone. */
function partsOf(field: string): readonly [name: string, member: string, inner: string | undefined] {
  const slash = field.indexOf('/');
  const last = field.lastIndexOf('/');
  if (slash < 0 || last === slash) return [field, '', undefined];
  return [field.slice(0, slash), field.slice(slash + 1, last), field.slice(last + 1)];
}
