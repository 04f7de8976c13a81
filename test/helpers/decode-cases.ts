import type { DecodeFault, DecodeLimits, Document } from '../../src/cloudtrail/decoded.ts';
import { type Case, readCases } from '../read-cases.ts';

/**
 * Bodies and what must become of them, as data (`test/cases/decode/*.json`). Inside a value
 *
 * - `{"$record": n}` is a small CloudTrail record whose eventID is `id-n`; `with` replaces or appends
 *   members, `without` takes some out;
 * - `{"$text": value}` is the JSON text of `value`, as a string;
 * - `{"$nested": n}` is n arrays, each in the one before;
 * - `{"$raw": text}` as a body or a line is that text (`times` over), not JSON made here.
 */
export type BodyInput = {
  readonly body?: unknown;
  /** NDJSON: one value per line, each ended by `newline`. */
  readonly lines?: readonly unknown[];
  readonly newline?: string;
  readonly declared?: 'always' | 'maybe' | 'never';
  readonly limits?: Partial<DecodeLimits>;
};

export type DecodeExpectation = {
  readonly fault?: { readonly code: DecodeFault; readonly offset?: number };
  readonly format?: 'ndjson';
  readonly documents?: readonly DocumentExpectation[];
  /** The merged answer where it is not the body itself: members of answer n as `"detrails": "@n"`. */
  readonly merge?: unknown;
  readonly merged_lines?: readonly unknown[];
  /** Members of the events, by position among all answers. */
  readonly events?: readonly Readonly<Record<string, unknown>>[];
};

export type DocumentExpectation = {
  readonly shape: Document['shape'];
  /** `id-1` for an event, `!code` for a refusal; what `output=enrichments` has items for. */
  readonly answers: readonly string[];
  readonly broken?: boolean;
};

export type DecodeCase = Case<BodyInput, DecodeExpectation>;

export const LIMITS: DecodeLimits = { maxRecords: 1000, maxDepth: 100, maxEnvelopeDepth: 8 };

const FILES = ['envelopes', 'agents', 'texts', 'lines', 'strangers', 'members', 'limits', 'faults'];

/** Every decode case, named after its file. */
export function decodeCases(): readonly DecodeCase[] {
  return FILES.flatMap((file) =>
    readCases<BodyInput, DecodeExpectation>(`decode/${file}.json`).map((one) => ({
      ...one,
      name: `${file}: ${one.name}`,
    })),
  );
}

/** The bytes that are sent. */
export function bodyOf(input: BodyInput): Buffer {
  return Buffer.from(
    input.lines === undefined
      ? textOf(input.body)
      : input.lines.map((line) => textOf(line) + (input.newline ?? '\n')).join(''),
  );
}

/** The merged answer, with `@n` in the place of the members of answer n. */
export function mergedOf({ input, expected }: DecodeCase): string {
  const newline = input.newline ?? '\n';
  if (expected.merged_lines !== undefined)
    return expected.merged_lines.map((line) => textOf(line) + newline).join('');
  return expected.merge === undefined ? bodyOf(input).toString() : textOf(expected.merge);
}

function textOf(value: unknown): string {
  if (typeof value === 'object' && value !== null && '$raw' in value) {
    return String(value.$raw).repeat('times' in value ? Number(value.times) : 1);
  }
  return (JSON.stringify(expand(value)) ?? '').replace(/"\$nested (\d+)"/g, (_all, depth) =>
    nested(Number(depth)),
  );
}

function nested(depth: number): string {
  return '['.repeat(depth) + ']'.repeat(depth);
}

function expand(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(expand);
  if (typeof value !== 'object' || value === null) return value;
  if ('$record' in value) return record(value as RecordTemplate);
  if ('$text' in value) return textOf(value.$text);
  if ('$nested' in value) return `$nested ${value.$nested}`;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, expand(member)]));
}

type RecordTemplate = {
  readonly $record: number;
  readonly with?: Readonly<Record<string, unknown>>;
  readonly without?: readonly string[];
};

function record({ $record, with: more = {}, without = [] }: RecordTemplate): unknown {
  const members: [string, unknown][] = [
    ['eventVersion', '1.11'],
    ['eventTime', '2026-03-04T10:20:30Z'],
    ['eventSource', 'iam.amazonaws.com'],
    ['eventName', 'CreateUser'],
    ['eventID', `id-${$record}`],
  ];
  const kept = members.filter(([name]) => !without.includes(name) && !Object.hasOwn(more, name));
  return Object.fromEntries([...kept, ...Object.entries(more).map(([name, value]) => [name, expand(value)])]);
}
