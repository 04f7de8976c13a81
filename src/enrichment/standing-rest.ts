import { type ByteText, flatText } from '../cloudtrail/byte-text.ts';
import type { CloudTrailEvent } from '../cloudtrail/event.ts';
import type { ContextSnapshot } from '../context/snapshot.ts';
import { enrichContext } from './context.ts';
import type { ContextEnrichment, SessionEnrichment, ToolEnrichment } from './output.ts';
import { hasActorSignal } from './risk/actor.ts';
import { restText } from './serialize.ts';
import type { Standing } from './session/standing.ts';
import { enrichTool } from './tool.ts';

/**
 * What is said of a standing use besides the operation: all of it follows from the caller, the place, the
 * agent and the account that was called.
 */
export type StandingRest = {
  readonly session: SessionEnrichment;
  readonly tool: ToolEnrichment | undefined;
  readonly context: ContextEnrichment | undefined;
  /** True when none of it adds to the risk. */
  readonly isQuiet: boolean;
  /** Profile `standard`. */
  readonly text: ByteText;
};

/** Accounts called by one use that are remembered: more take turns. */
const MOST_RECIPIENTS = 4;

/** The rest of an event of `standing`, remembered with it. The event shares nothing and assumes no role. */
export function restOf(standing: Standing, event: CloudTrailEvent, context: ContextSnapshot): StandingRest {
  let { reading } = standing;
  if (!(reading instanceof Rests) || reading.context !== context) {
    reading = new Rests(context);
    standing.reading = reading;
  }
  return (reading as Rests).of(event, standing.answer);
}

class Rests {
  readonly context: ContextSnapshot;
  readonly #recipients: (string | undefined)[] = [];
  readonly #rests: StandingRest[] = [];
  #next = 0;

  constructor(context: ContextSnapshot) {
    this.context = context;
  }

  of(event: CloudTrailEvent, session: SessionEnrichment): StandingRest {
    const { recipientAccountId } = event;
    const rests = this.#rests;
    const recipients = this.#recipients;
    for (let at = 0; at < rests.length; at++) {
      if (recipients[at] === recipientAccountId) return rests[at] as StandingRest;
    }
    const rest = this.#make(event, session);
    recipients[this.#next] = recipientAccountId;
    rests[this.#next] = rest;
    this.#next = (this.#next + 1) % MOST_RECIPIENTS;
    return rest;
  }

  #make(event: CloudTrailEvent, session: SessionEnrichment): StandingRest {
    const tool = enrichTool(event.userAgent, this.context.tools);
    const context = enrichContext(event, this.context);
    // Whether root calls itself is told by the event's type as well: then the risk is worked out.
    const isQuiet = event.caller?.type !== 'Root' && !hasActorSignal({ event, session, tool, context });
    return {
      session,
      tool,
      context,
      isQuiet,
      text: flatText(restText({ session, tool, context }, 'standard')),
    };
  }
}
