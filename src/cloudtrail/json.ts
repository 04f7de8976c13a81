/**
 * Narrow readers for JSON that somebody else wrote. A member of the wrong type is absent; only own
 * properties count, so a record with a member named `constructor` or `__proto__` reads like any other.
 */

/** A parsed JSON object of unknown content. */
export type JsonObject = { readonly [key: string]: unknown };

/** True for a JSON object (not an array, not null). */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The member `key` of `value`, or undefined when `value` is no object or has no such own member. */
export function readMember(value: unknown, key: string): unknown {
  return isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

/**
 * The string member `key`. Empty strings and unexpanded Logstash templates (`%{[x]}`) count as absent:
 * Logstash sends the literal template when the field does not exist.
 */
export function readString(value: unknown, key: string): string | undefined {
  return presentString(readMember(value, key));
}

/** `value` when it is a string that says something, else undefined; see {@link readString}. */
export function presentString(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' && !isUnexpandedTemplate(value) ? value : undefined;
}

/** The object member `key`. */
export function readObject(value: unknown, key: string): JsonObject | undefined {
  const member = readMember(value, key);
  return isObject(member) ? member : undefined;
}

/** The array member `key`. */
export function readArray(value: unknown, key: string): readonly unknown[] | undefined {
  const member = readMember(value, key);
  return Array.isArray(member) ? member : undefined;
}

/** The boolean member `key`. Some shippers write booleans as text ("true", "False"): those count. */
export function readBoolean(value: unknown, key: string): boolean | undefined {
  return presentBoolean(readMember(value, key));
}

/** `value` as a boolean; see {@link readBoolean}. */
export function presentBoolean(value: unknown): boolean | undefined {
  if (typeof value === 'boolean') return value;
  if (typeof value !== 'string') return undefined;
  if (/^true$/i.test(value)) return true;
  return /^false$/i.test(value) ? false : undefined;
}

/** True for a Logstash field reference that found no field and was sent as it stands. */
export function isUnexpandedTemplate(text: string): boolean {
  return text.startsWith('%{') && text.endsWith('}');
}
