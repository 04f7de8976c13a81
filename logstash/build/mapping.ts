import type { Field, FieldType } from './fields.ts';

/** The two search engines; they differ in the type for objects with free keys. */
export type Engine = 'elastic' | 'opensearch';

/** A mapping of a field or, with `properties`, of an object. */
export type Mapping = { readonly [key: string]: unknown };

/** Longer values stay in the document but are not indexed: no event is refused for its length. */
const KEYWORD: Mapping = { type: 'keyword', ignore_above: 1024 };

/** Explicit mappings of `fields`, nested by the dots of their names, under one root object. */
export function mappingsOf(fields: readonly Field[], engine: Engine): Mapping {
  const root: Tree = new Map();
  for (const field of fields) {
    const path = field.name.split('.');
    const leaf = path.pop() ?? '';
    const parent = path.reduce((tree, step) => branch(tree, step), root);
    if (field.type !== 'object' && field.type !== 'objects') parent.set(leaf, mappingOf(field.type, engine));
  }
  return propertiesOf(root);
}

/** An object whose keys others choose. One field, however many keys: no mapping explosion. */
export function freeObject(engine: Engine): Mapping {
  // A value's key counts towards Lucene's limit of 32,766 bytes; depth 20 is the default and would refuse events.
  return engine === 'elastic'
    ? { type: 'flattened', ignore_above: 4096, depth_limit: 100 }
    : { type: 'flat_object' };
}

/** How a type is stored. What does not fit its type is kept but not indexed, rather than refused. */
export function mappingOf(type: FieldType, engine: Engine): Mapping {
  switch (type) {
    case 'boolean':
      return { type: 'boolean' };
    case 'integer':
      return { type: 'long' };
    case 'time':
      return { type: 'date', ignore_malformed: true };
    case 'address':
      return { ...KEYWORD, fields: { ip: { type: 'ip', ignore_malformed: true } } };
    case 'map':
      return freeObject(engine);
    case 'opaque':
      return { type: 'object', enabled: false };
    default:
      return KEYWORD;
  }
}

type Tree = Map<string, Tree | Mapping>;

function branch(tree: Tree, step: string): Tree {
  const known = tree.get(step);
  if (known instanceof Map) return known;
  const made: Tree = new Map();
  tree.set(step, made);
  return made;
}

function propertiesOf(tree: Tree): Mapping {
  return Object.fromEntries(
    [...tree].map(([name, node]) => [name, node instanceof Map ? { properties: propertiesOf(node) } : node]),
  );
}
