/** A parsed JSON object of unknown content. */
export type JsonRecord = { readonly [key: string]: unknown };

/** True for a JSON object: not an array, not null. */
export function isRecord(value: unknown): value is JsonRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The own member `key`, or undefined. */
export function ownMember(record: JsonRecord, key: string): unknown {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}
