import type { CloudTrailEvent } from '../cloudtrail/event.ts';
import type { Actions } from '../knowledge/actions.ts';
import { enrichAction } from './action.ts';
import type { Sections } from './serialize.ts';

/** What is known while a batch is in work: pinned for its length, so that no batch mixes two editions. */
export type Snapshot = {
  readonly actions: Actions;
};

/** Runs every enricher over one event. Pure: the same event, records and snapshot give the same answer. */
export function enrichRecord(event: CloudTrailEvent, snapshot: Snapshot): Sections {
  const action = enrichAction(event, snapshot.actions);
  return { action };
}
