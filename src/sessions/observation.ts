import type { Origin } from './origin.ts';
import type { Source } from './source.ts';

/** Why a record says nothing about a session. */
export type NotApplicable =
  | 'no_identity'
  | 'aws_service'
  | 'forward_access'
  | 'long_term_key'
  | 'no_temporary_key'
  | 'user_session'
  | 'console_session';

/**
 * A use of a temporary key: all that its events have in common while one caller goes on from one place with
 * one agent. Such events share one object, see `key-use`.
 */
export type KeyUse = {
  /** Record key of the access key. */
  readonly key: string;
  /** Record key of the workload's session, when it is one. */
  readonly workload: string | undefined;
  /** Absent when the record does not say from where. */
  readonly source: Source | undefined;
  /** Family of the user agent. */
  readonly agent: string;
  /** `1` (IMDSv1) or `2` (IMDSv2), or nothing. */
  readonly delivery: string;
  readonly throughEndpoint: boolean;
  /** Set when the session is not one that is followed unless the issuing event of its key is known. */
  readonly unless: NotApplicable | undefined;
  /** Whether the use is remembered; otherwise it is only compared with what is known. */
  readonly remembered: boolean;
  /** What a reader knows of the use, for itself to find again. */
  reading: object | undefined;
};

/** One temporary key handed out. */
export type KeyIssue = {
  /** Record key of the new access key. */
  readonly key: string;
  readonly origin: Origin;
  /** 0 best: of two records of one issue (a cross-account pair) the one that says more is kept. */
  readonly quality: number;
};

/** What one record says about temporary keys. */
export type SessionObservation = {
  /** Canonical time; undefined when the record has none, and then nothing is remembered. */
  readonly time: string | undefined;
  /** The record's id, or a stand-in made of what it says. */
  readonly eventId: string;
  /** `hashOf` the event id: two that differ are two events. */
  readonly eventHash: number;
  /** As the record says it; see `regionOf`. */
  readonly awsRegion: string | undefined;
  readonly use: KeyUse | undefined;
  readonly issue: KeyIssue | undefined;
  /** Set when there is neither use nor issue. */
  readonly notApplicable: NotApplicable | undefined;
};
