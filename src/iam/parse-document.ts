import { findDuplicateKey } from './duplicate-keys.ts';
import { isRecord, type JsonRecord } from './json-record.ts';
import { parseStatement, type Statement } from './parse-statement.ts';

/** What could be read of a document. */
export type ParsedDocument =
  | { readonly status: 'invalid' | 'too_large'; readonly reason: string }
  | {
      readonly status: 'parsed';
      readonly statements: readonly Statement[];
      /** True when a JSON text names a member twice in one object. */
      readonly hasDuplicateKey: boolean;
    };

/** The parsed JSON of a document, whatever form it came in. */
export type DecodedDocument =
  | { readonly status: 'invalid' | 'too_large'; readonly reason: string }
  | { readonly status: 'decoded'; readonly value: JsonRecord; readonly hasDuplicateKey: boolean };

/**
 * Reads a policy document given as object, JSON text, URL-encoded JSON text (IAM's Get calls answer that
 * form) or JSON text inside a JSON string. Statements are read one by one: a malformed one is marked, and
 * the others count.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
 */
export function parseDocument(
  document: unknown,
  limits: { readonly maxBytes: number; readonly maxStatements: number },
): ParsedDocument {
  const decoded = decodeDocument(document, limits.maxBytes);
  if (decoded.status !== 'decoded') return decoded;
  const { value } = decoded;
  if (!Object.hasOwn(value, 'Statement')) return invalid('The document has no Statement.');
  const list = Array.isArray(value['Statement']) ? value['Statement'] : [value['Statement']];
  if (list.length === 0) return invalid('The document has no statement.');
  if (list.length > limits.maxStatements) return tooLarge('The document has too many statements.');
  let room = limits.maxBytes;
  const statements: Statement[] = [];
  for (let i = 0; i < list.length; i++) {
    const { statement, length } = parseStatement(list[i], i, room);
    room -= length;
    if (room < 0) return tooLarge('The document is longer than the limit.');
    statements.push(statement);
  }
  return { status: 'parsed', statements, hasDuplicateKey: decoded.hasDuplicateKey };
}

/** Decodes a document down to its JSON object. Text is unwrapped at most three times. */
export function decodeDocument(document: unknown, maxBytes: number): DecodedDocument {
  let value: unknown = document;
  let hasDuplicateKey = false;
  for (let layer = 0; typeof value === 'string' && layer < 3; layer++) {
    if (value.length > maxBytes) return tooLarge('The document is longer than the limit.');
    const text = urlDecode(value);
    try {
      value = JSON.parse(text);
    } catch {
      return invalid('The document is not JSON.');
    }
    if (typeof value !== 'string') hasDuplicateKey = findDuplicateKey(text);
  }
  if (!isRecord(value)) return invalid('The document is not a JSON object.');
  return { status: 'decoded', value, hasDuplicateKey };
}

/** The text itself, or decoded when it is a URL-encoded JSON text. */
function urlDecode(text: string): string {
  const start = text.slice(0, 64).trimStart().slice(0, 3).toLowerCase();
  if (start !== '%7b' && start !== '%22' && start !== '%0a' && start !== '%20' && start !== '%09')
    return text;
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
}

function invalid(reason: string): { status: 'invalid'; reason: string } {
  return { status: 'invalid', reason };
}

function tooLarge(reason: string): { status: 'too_large'; reason: string } {
  return { status: 'too_large', reason };
}
