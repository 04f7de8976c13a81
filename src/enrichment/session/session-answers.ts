import type { KeyUse } from '../../sessions/observation.ts';
import type { SessionEnrichment } from '../output.ts';

/** What goes into the answer for a use besides the record that holds its sources. */
export type AnswerBasis = {
  readonly use: KeyUse;
  /** Number of the reading of the key's record; another one when that changed. */
  readonly keyReading: number;
  /** As long as what else the answer rests on stays the same, so does this object. */
  readonly scope: object;
};

/** Uses of one session whose answers are kept; more are answered anew. */
const MOST_ANSWERS = 4;

/**
 * The answers made from one record of sources, found again by all else that went into them. They keep
 * nothing alive but themselves and their uses: readings are known by number.
 */
export class SessionAnswers {
  #kept: Answer[] | undefined;
  #next = 0;

  find({ use, keyReading, scope }: AnswerBasis): SessionEnrichment | undefined {
    const kept = this.#kept;
    if (kept === undefined) return undefined;
    for (const answer of kept) {
      if (answer.use === use && answer.keyReading === keyReading && answer.scope === scope)
        return answer.session;
    }
    return undefined;
  }

  keep({ use, keyReading, scope }: AnswerBasis, session: SessionEnrichment): void {
    this.#kept ??= [];
    this.#kept[this.#next] = { use, keyReading, scope, session };
    this.#next = (this.#next + 1) % MOST_ANSWERS;
  }
}

type Answer = AnswerBasis & { readonly session: SessionEnrichment };
