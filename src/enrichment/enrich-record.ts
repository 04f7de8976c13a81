import type { ByteText } from '../cloudtrail/byte-text.ts';
import type { CloudTrailEvent } from '../cloudtrail/event.ts';
import type { PolicyRef } from '../resolver/port.ts';
import type { LocalStore } from '../store/port.ts';
import { sharedAccounts } from './context/shared-accounts.ts';
import { enrichContext } from './context.ts';
import { explainRecord } from './explain-record.ts';
import { firstKeyKind } from './first-key-kind.ts';
import type { Observation, Records } from './observe-batch.ts';
import type { PolicyEnrichment, RiskEnrichment } from './output.ts';
import { enrichPolicy } from './policy.ts';
import { hasDynamicSignal } from './risk/contributions.ts';
import { enrichRisk } from './risk.ts';
import type { Sections } from './serialize.ts';
import type { Standing } from './session/standing.ts';
import { enrichSession, type SessionOptions } from './session.ts';
import type { Snapshot } from './snapshot.ts';
import { restOf } from './standing-rest.ts';
import { enrichTool } from './tool.ts';
import type { Verdict } from './verdict.ts';
import type { Call } from './verdicts.ts';

/** What the batch knows beside the snapshot. */
export type BatchState = {
  readonly records: Records;
  readonly sessionOptions: SessionOptions;
  /** The store the records are in, where uses that go on as they did are recognized. */
  readonly local?: LocalStore | undefined;
};

/** The enrichment of one record, and what the resolver may read for later ones. */
export type EnrichedRecord = {
  readonly sections: Sections & { readonly risk: RiskEnrichment };
  /** Where action, attack and (without further signals) risk come from. */
  readonly verdict: Verdict;
  readonly wanted: PolicyRef | undefined;
  /** The text of the sections behind the risk, where it is remembered. */
  readonly rest: ByteText | undefined;
};

const DEGRADED: string[] = ['shared_store'];
Object.freeze(DEGRADED);

/**
 * Runs every enricher over one event, those first that others build on. Pure: the same event, records
 * and snapshot give the same answer.
 */
export function enrichRecord(
  observation: Observation,
  snapshot: Snapshot,
  state: BatchState,
  explain: boolean,
): EnrichedRecord {
  const { event, call, standing } = observation;
  const verdict = snapshot.verdicts.of(event, call);
  if (standing !== undefined && call.sharing === undefined && !call.assumesRole)
    return enrichStanding(event, verdict, standing, snapshot);
  const { action, attack } = verdict;
  const tool = enrichTool(event.userAgent, snapshot.context.tools);
  const session =
    standing?.answer ??
    enrichSession(event, observation.session, state.records, state.sessionOptions, state.local);
  const policyResult = enrichPolicy(observation.policy, state.records, snapshot.policies);
  const { policy, wanted } = policyResult;
  const context = enrichContext(event, snapshot.context, foreignAccounts(event, call, policy));
  const firstKind = firstKeyKind(observation.keyKind, state.records);
  const signals = { event, action, attack, policy, session, tool, context, firstKind };
  const risk = hasDynamicSignal(signals) ? enrichRisk(signals, snapshot.risk) : verdict.risk;
  const degraded = state.sessionOptions.degraded && dependsOnStore(observation) ? DEGRADED : undefined;
  const explanation = explain
    ? explainRecord(observation, { ...signals, policyResult }, snapshot, state)
    : undefined;
  return {
    sections: { action, attack, risk, policy, session, tool, context, degraded, explain: explanation },
    verdict,
    wanted,
    rest: undefined,
  };
}

/** An event that goes on as others did: of what is not about its operation nothing is new. */
function enrichStanding(
  event: CloudTrailEvent,
  verdict: Verdict,
  standing: Standing,
  snapshot: Snapshot,
): EnrichedRecord {
  const { action, attack } = verdict;
  const { session, tool, context, isQuiet, text } = restOf(standing, event, snapshot.context);
  const signals = { event, action, attack, session, tool, context };
  const risk = isQuiet ? verdict.risk : enrichRisk(signals, snapshot.risk);
  return {
    sections: {
      action,
      attack,
      risk,
      policy: undefined,
      session,
      tool,
      context,
      degraded: undefined,
      explain: undefined,
    },
    verdict,
    wanted: undefined,
    rest: text,
  };
}

/** Accounts outside the event's own that a policy lets in, or that something is shared with. */
function foreignAccounts(
  event: CloudTrailEvent,
  { sharing }: Call,
  policy: PolicyEnrichment | undefined,
): readonly string[] | undefined {
  const trusted = policy?.exposure?.accounts;
  const shared = sharing === undefined ? undefined : sharedAccounts(event, sharing);
  return trusted === undefined || shared === undefined ? (trusted ?? shared) : [...trusted, ...shared];
}

/** True when a verdict rests on what the shared store remembers. */
function dependsOnStore({ session, policy, keyKind }: Observation): boolean {
  if (session.use !== undefined || session.issue !== undefined) return true;
  return policy.subject !== undefined || keyKind !== undefined;
}
