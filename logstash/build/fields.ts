import { z } from 'zod';

import { detrailsSchema } from '../../src/enrichment/output.ts';

/** What a field holds, apart from how an index stores it. */
export type FieldType =
  | 'keyword'
  | 'boolean'
  | 'integer'
  | 'time'
  | 'address'
  /** An object with free keys and plain values. */
  | 'map'
  /** An object with free keys and anything in it: kept, never searched. */
  | 'opaque'
  | 'object'
  | 'objects';

/** One field of the output, with its full dotted name. */
export type Field = {
  readonly name: string;
  readonly type: FieldType;
  /** True when the field itself is a list. */
  readonly list: boolean;
  /** True when it appears in profile `full` only. */
  readonly full: boolean;
  readonly description: string;
  readonly values: readonly string[];
};

type JsonSchema = {
  readonly type?: string;
  readonly description?: string;
  readonly enum?: readonly string[];
  readonly const?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly items?: JsonSchema;
  readonly additionalProperties?: JsonSchema | boolean;
};

/** Members that hold ISO 8601 times, and members that may hold an IP address. */
const TIMES = new Set(['time', 'first', 'last', 'expires']);
const ADDRESSES = new Set(['source']);
const CONTAINERS: ReadonlySet<FieldType> = new Set(['object', 'objects', 'opaque']);
const FULL = '(full) ';

/** Every field of `detrails`, parents before their members, in the schema's order. */
export function detrailsFields(): readonly Field[] {
  return membersOf('detrails', z.toJSONSchema(detrailsSchema) as JsonSchema, false);
}

/** The names of fields that hold a searchable value: what a query, a panel or a rule may name. */
export function leafNames(fields: readonly Field[]): ReadonlySet<string> {
  return new Set(fields.filter(({ type }) => !CONTAINERS.has(type)).map(({ name }) => name));
}

function membersOf(parent: string, schema: JsonSchema, parentIsFull: boolean): Field[] {
  return Object.entries(schema.properties ?? {}).flatMap(([member, of]) => {
    const field = readField(`${parent}.${member}`, member, of, parentIsFull);
    const inner = of.type === 'array' ? of.items : of;
    return inner?.properties ? [field, ...membersOf(field.name, inner, field.full)] : [field];
  });
}

function readField(name: string, member: string, schema: JsonSchema, parentIsFull: boolean): Field {
  const description = schema.description ?? '';
  const list = schema.type === 'array';
  const item = list ? (schema.items ?? {}) : schema;
  return {
    name,
    type: typeOf(member, item, list),
    list,
    full: parentIsFull || description.startsWith(FULL),
    description: description.startsWith(FULL) ? description.slice(FULL.length) : description,
    values: item.enum ?? (item.const === undefined ? [] : [item.const]),
  };
}

function typeOf(member: string, schema: JsonSchema, list: boolean): FieldType {
  if (schema.properties) return list ? 'objects' : 'object';
  if (schema.type === 'object') return hasPlainValues(schema) ? 'map' : 'opaque';
  if (schema.type === 'boolean') return 'boolean';
  if (schema.type === 'integer') return 'integer';
  if (TIMES.has(member)) return 'time';
  return ADDRESSES.has(member) ? 'address' : 'keyword';
}

function hasPlainValues({ additionalProperties: values }: JsonSchema): boolean {
  return typeof values === 'object' && values.type !== undefined && values.type !== 'object';
}
