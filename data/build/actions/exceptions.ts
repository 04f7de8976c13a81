import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { SourceRow } from '../../../src/knowledge/actions-file.ts';

/** How sure a row of the table is; `unverified` rests on general knowledge alone. */
type Confidence = 'high' | 'medium' | 'unverified';

/** `exceptions.json`: where an event is not the IAM action of the same name under its host's label. */
export type Exceptions = {
  readonly about: {
    readonly date: string;
    /** Kind of evidence to what it means. */
    readonly evidence: { readonly [kind: string]: string };
  };
  readonly eventTypes: { readonly [eventType: string]: string };
  readonly events: readonly {
    readonly source: string;
    readonly name: string;
    readonly actions: readonly string[];
    readonly mode?: 'any';
    readonly conditional?: readonly string[];
    readonly confidence: Confidence;
    readonly evidence: readonly string[];
  }[];
  readonly none: readonly {
    readonly source: string;
    readonly name: string;
    readonly reason: string;
    readonly confidence: Confidence;
    readonly evidence: readonly string[];
  }[];
  readonly variants: readonly {
    readonly source: string;
    readonly name: string;
    readonly parameters?: readonly string[];
    readonly contains?: string;
    readonly identityTypes?: readonly string[];
    readonly actions: readonly string[];
    readonly reason?: string;
  }[];
  readonly notes: readonly { readonly source: string; readonly name: string; readonly note: string }[];
  readonly hosts: { readonly [label: string]: { readonly prefixes: readonly string[] } };
  /** Dependent actions that the pinned older release of iam-data does not have. */
  readonly dependents: { readonly [action: string]: readonly string[] };
};

/** Reads the table, and says what was read. */
export function readExceptions(path: string): { exceptions: Exceptions; source: SourceRow } {
  const text = readFileSync(path, 'utf8');
  const exceptions = JSON.parse(text) as Exceptions;
  const { date } = exceptions.about;
  const sha256 = createHash('sha256').update(text).digest('hex');
  return { exceptions, source: { name: 'detrails exceptions', version: date, date, sha256 } };
}
