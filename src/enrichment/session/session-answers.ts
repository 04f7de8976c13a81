import type { KeyUse } from '../../sessions/observation.ts';
import type { SessionRecord } from '../../sessions/session-record.ts';
import type { SessionEnrichment } from '../output.ts';

/** What goes into the answer for a use besides the record that holds its sources. */
export type AnswerBasis = {
  /** Who called: the same object for the same identity while that is remembered. */
  readonly caller: object | undefined;
  readonly use: KeyUse;
  /** What is known of the key; another object when that changed. */
  readonly key: SessionRecord;
  /** As long as what else the answer rests on stays the same, so does this object. */
  readonly scope: object;
};

/** Callers and sources of one session whose answers are kept; more are answered anew. */
const MOST_ANSWERS = 8;

/** The answers made from one record of sources, found again by all else that went into them. */
export class SessionAnswers {
  #kept: Answer[] | undefined;
  #next = 0;

  find({ caller, use, key, scope }: AnswerBasis): SessionEnrichment | undefined {
    const kept = this.#kept;
    if (kept === undefined) return undefined;
    for (const answer of kept) {
      if (
        answer.caller === caller &&
        answer.key === key &&
        answer.scope === scope &&
        answer.source === use.source?.text &&
        answer.agent === use.agent
      )
        return answer.session;
    }
    return undefined;
  }

  keep({ caller, use, key, scope }: AnswerBasis, session: SessionEnrichment): void {
    const { source, agent } = use;
    this.#kept ??= [];
    this.#kept[this.#next] = { caller, key, scope, source: source?.text, agent, session };
    this.#next = (this.#next + 1) % MOST_ANSWERS;
  }
}

type Answer = {
  readonly caller: object | undefined;
  readonly key: SessionRecord;
  readonly scope: object;
  readonly source: string | undefined;
  readonly agent: string;
  readonly session: SessionEnrichment;
};
