import { hash } from 'node:crypto';
import { isRecord } from './json-record.ts';
import { decodeDocument } from './parse-document.ts';

/** Documents longer than this are hashed as they are written. */
const MAX_BYTES = 131_072;
const MAX_DEPTH = 32;

/**
 * Hash of a document that is the same for the same content, whatever form it came in: object, text,
 * URL-encoded text, white space, order of members. Order of statements and lists counts. A text that is no
 * policy is hashed as it is written, so that it never equals one. 27 characters of base 64.
 */
export function canonicalDocumentHash(document: unknown): string {
  const decoded = decodeDocument(document, MAX_BYTES);
  const text =
    decoded.status === 'decoded'
      ? `json ${decoded.hasDuplicateKey ? 'duplicate ' : ''}${canonicalJson(decoded.value, 0)}`
      : typeof document === 'string'
        ? `text ${document}`
        : `value ${canonicalJson(document, 0)}`;
  return hash('sha256', text, 'base64url').slice(0, 27);
}

/** JSON with members in order of their names; what is nested too deep for a policy is written as its type. */
function canonicalJson(value: unknown, depth: number): string {
  if (depth > MAX_DEPTH) return typeof value;
  if (Array.isArray(value)) return `[${value.map((one) => canonicalJson(one, depth + 1)).join()}]`;
  if (!isRecord(value)) return JSON.stringify(value) ?? 'undefined';
  const members = Object.keys(value)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonicalJson(value[key], depth + 1)}`);
  return `{${members.join()}}`;
}
