import type { ContextSnapshot } from '../context/snapshot.ts';
import type { Actions } from '../knowledge/actions.ts';
import type { AttackKnowledge } from '../knowledge/attack.ts';
import type { RiskKnowledge } from '../knowledge/risk.ts';
import type { PolicyContext } from './policy/context.ts';
import type { SessionOptions } from './session.ts';
import type { Verdicts } from './verdicts.ts';

/** What is known while a batch is in work: pinned for its length, so that no batch mixes two editions. */
export type Snapshot = {
  readonly actions: Actions;
  readonly attack: AttackKnowledge;
  readonly risk: RiskKnowledge;
  /** What follows from these three alone. */
  readonly verdicts: Verdicts;
  readonly policies: PolicyContext;
  readonly context: ContextSnapshot;
  /** What the context says of addresses, for sessions. */
  readonly addresses: Omit<SessionOptions, 'degraded' | 'withSources'>;
};
