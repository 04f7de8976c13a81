import { enrichAction } from './action.ts';
import { enrichAttack } from './attack.ts';
import { enrichContext } from './context.ts';
import type { Observation, Records } from './observe-batch.ts';
import type { AttackEnrichment } from './output.ts';
import type { Sections } from './serialize.ts';
import { enrichSession, type SessionOptions } from './session.ts';
import type { Snapshot } from './snapshot.ts';
import { enrichTool } from './tool.ts';

/** What the batch knows beside the snapshot. */
export type BatchState = {
  readonly records: Records;
  readonly sessionOptions: SessionOptions;
};

/**
 * Runs every enricher over one event, those first that others build on. Pure: the same event, records
 * and snapshot give the same answer.
 */
export function enrichRecord(observation: Observation, snapshot: Snapshot, state: BatchState): Sections {
  const { event } = observation;
  const action = enrichAction(event, snapshot.actions);
  const tool = enrichTool(event.userAgent, snapshot.context.tools);
  const session = enrichSession(event, observation.session, state.records, state.sessionOptions);
  const context = enrichContext(event, snapshot.context);
  const attack: AttackEnrichment | undefined = enrichAttack(event, action, snapshot.attack);
  return {
    action,
    ...(attack !== undefined && { attack }),
    ...(session !== undefined && { session }),
    ...(tool !== undefined && { tool }),
    ...(context !== undefined && { context }),
  };
}
