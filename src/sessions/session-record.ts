import type { Origin } from './origin.ts';
import type { Source } from './source.ts';

/** One source that a session was used from, as far as it is remembered. */
export type SessionSource = {
  readonly source: Source;
  /** First and last use, event times. */
  readonly first: string;
  readonly last: string;
  /** Distinct uses: exact when few, estimated when many. */
  readonly count: number;
  /** The earliest uses' event ids. */
  readonly eventIds: readonly string[];
  /** User agent families, deliveries (`1`, `2`) and regions of the earliest uses. */
  readonly agents: readonly string[];
  readonly deliveries: readonly string[];
  readonly regions: readonly string[];
  readonly throughEndpoint: boolean;
  /** Which came first to this service, and by which event: arrival, not event time. */
  readonly ordinal: number;
  readonly revealedBy: string;
};

/** The issuing event of a key. */
export type SessionIssue = {
  readonly origin: Origin;
  readonly time: string;
  readonly eventId: string;
  /** As of {@link SessionSource}: when and by which event the issue became known. */
  readonly ordinal: number;
  readonly revealedBy: string;
};

/** What is remembered of one key, or of one workload's session. */
export type SessionRecord = {
  readonly issue: SessionIssue | undefined;
  /** Record key of the workload's session, when the key is used by one. */
  readonly workload: string | undefined;
  /** By ordinal. */
  readonly sources: readonly SessionSource[];
  /** Distinct sources, those beyond the list included. */
  readonly sourceCount: number;
};
