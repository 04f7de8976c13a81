import type { Contribution, FieldOperation } from '../../store/port.ts';
import type { LifeKind } from './subject.ts';

/**
 * The record of one policy's life: which document each version got when, which version was the default
 * when, and when it was deleted. Members begin with a fixed-width time, so that sets are ordered by it;
 * entries are only ever added, so that every order of arrival ends in the same record. Documents
 * themselves are named by hash; their analyses live under keys of their own and never change.
 */
export const LIFE_FIELDS = {
  documents: { field: 'documents', limit: 32 },
  defaults: { field: 'defaults', limit: 32 },
  deleted: { field: 'deleted', limit: 16 },
  deletedVersions: { field: 'deleted_versions', limit: 32 },
  unanswered: { field: 'unanswered', limit: 16 },
} as const;

/** How long a policy is remembered after it was last heard of. */
export const POLICY_TTL_MS = 400 * 24 * 60 * 60 * 1000;

/** Stands for the document of an event that had to keep it back; see {@link SubjectDocument}. */
export type MissingDocument = 'hidden' | 'omitted' | 'absent';

/** A version got its document. `version` is empty for policies without versions. */
export type DocumentEntry = {
  readonly time: string;
  readonly version: string;
  readonly document: string | MissingDocument;
  readonly eventId: string;
};

/**
 * A version became the default. `rank` orders what happens within one second, CloudTrail's resolution: a
 * policy is created (0) before it gets versions (1) before one of them is chosen (2).
 */
export type DefaultEntry = {
  readonly time: string;
  readonly rank: 0 | 1 | 2;
  readonly version: string;
  readonly eventId: string;
};

/** The policy, or one version of it, was deleted. */
export type DeletedEntry = { readonly time: string; readonly version: string; readonly eventId: string };

/** An activation that had to answer `unknown`. Without `version` it was whatever was the default. */
export type UnansweredEntry = {
  readonly time: string;
  readonly eventId: string;
  readonly operation: string;
  readonly version: string;
  readonly attachedTo: string;
};

/** The key of a managed policy's life record; undefined for an ARN that cannot be stored. */
export function managedLifeKey(arn: string): string | undefined {
  return isStorable(arn) ? `policy:${arn}` : undefined;
}

/**
 * The key of the life record of an inline, trust or resource policy. It holds the account that received
 * the call, because ARNs of buckets and permission sets name none: no account can write into another's.
 */
export function carriedLifeKey(
  life: Exclude<LifeKind, 'managed'>,
  account: string,
  owner: string,
  name: string,
): string | undefined {
  return isStorable(owner) && isStorable(name) ? `${life}-policy:${account}:${owner}|${name}` : undefined;
}

/** What adds `operations` to a life record; none of them makes it a plain read. */
export function lifeContribution(key: string, operations: readonly FieldOperation[]): Contribution {
  return { key, ttlMs: POLICY_TTL_MS, operations };
}

export function documentOperation(entry: DocumentEntry): FieldOperation {
  const { time, version, document, eventId } = entry;
  return keep('documents', [time, order(version), version, document, eventId]);
}

export function defaultOperation(entry: DefaultEntry): FieldOperation {
  const { time, rank, version, eventId } = entry;
  return keep('defaults', [time, String(rank), order(version), version, eventId]);
}

/** Deletion of the whole policy, or of the version it names. */
export function deletedOperation(entry: DeletedEntry): FieldOperation {
  const { time, version, eventId } = entry;
  return version === ''
    ? keep('deleted', [time, eventId])
    : keep('deletedVersions', [time, version, eventId]);
}

export function unansweredOperation(entry: UnansweredEntry): FieldOperation {
  const { time, eventId, operation, version, attachedTo } = entry;
  return keep('unanswered', [time, eventId, operation, version, attachedTo]);
}

/** The number of a version for ordering: versions of one life count upwards. */
export function order(version: string): string {
  const digits = /^v(\d{1,8})$/.exec(version)?.[1] ?? '';
  return digits.padStart(8, '0');
}

/** True for text that may become part of a key or a member: short, visible ASCII and no separator. */
export function isStorable(text: string): boolean {
  return text.length <= 1024 && /^[\x21-\x7b\x7d\x7e]*$/.test(text);
}

/** `text` when it may be stored, else `-`. */
export function storable(text: string | undefined): string {
  return text !== undefined && text !== '' && isStorable(text) ? text : '-';
}

function keep(name: keyof typeof LIFE_FIELDS, parts: readonly string[]): FieldOperation {
  const { field, limit } = LIFE_FIELDS[name];
  return { op: 'keep', field, member: parts.join('|'), limit, end: 'largest' };
}
