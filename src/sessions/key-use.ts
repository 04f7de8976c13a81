import type { Caller } from '../cloudtrail/caller.ts';
import type { CloudTrailEvent } from '../cloudtrail/event.ts';
import { agentFamily } from './agent-family.ts';
import { type KeyHolder, keyHolderOf } from './key-holder.ts';
import type { KeyUse, NotApplicable } from './observation.ts';
import { isServiceSource, sourceOf } from './source.ts';

/**
 * The use of a temporary key that `event` is, or why it is none. Events of one caller, from one place, with
 * one agent get the identical use while it is remembered: remember by identity what follows from one.
 */
export function keyUseOf(event: CloudTrailEvent, caller: Caller): KeyUse | NotApplicable {
  let { reading } = caller;
  if (!(reading instanceof KnownCaller)) {
    reading = new KnownCaller(keyHolderOf(caller));
    caller.reading = reading;
  }
  return (reading as KnownCaller).useOf(event);
}

/** Places and agents of one caller that are remembered: more take turns. */
const MOST_USES = 4;

/** A caller with the uses it was seen making lately. */
class KnownCaller {
  readonly #holder: KeyHolder | NotApplicable;
  /** The one seen last, which is mostly the one seen next. */
  #last: KnownUse | undefined;
  /** That one and others. */
  readonly #uses: KnownUse[] = [];
  #next = 0;

  constructor(holder: KeyHolder | NotApplicable) {
    this.#holder = holder;
  }

  useOf(event: CloudTrailEvent): KeyUse | NotApplicable {
    const holder = this.#holder;
    if (typeof holder === 'string') return holder;
    const { sourceIPAddress, vpcEndpointId, userAgent } = event;
    const fromConsole = mayBeOfConsole(holder) && event.sessionCredentialFromConsole === true;
    const isSame = (known: KnownUse): boolean =>
      known.sourceIPAddress === sourceIPAddress &&
      known.userAgent === userAgent &&
      known.vpcEndpointId === vpcEndpointId &&
      known.fromConsole === fromConsole;
    if (this.#last !== undefined && isSame(this.#last)) return this.#last.use;
    this.#last = this.#uses.find(isSame);
    if (this.#last !== undefined) return this.#last.use;
    const use = readUse(holder, sourceIPAddress, vpcEndpointId, userAgent, fromConsole);
    this.#last = { sourceIPAddress, vpcEndpointId, userAgent, fromConsole, use };
    this.#uses[this.#next] = this.#last;
    this.#next = (this.#next + 1) % MOST_USES;
    return use;
  }
}

/** What a use follows from, besides its caller. */
type KnownUse = {
  readonly sourceIPAddress: string | undefined;
  readonly vpcEndpointId: string | undefined;
  readonly userAgent: string | undefined;
  readonly fromConsole: boolean;
  readonly use: KeyUse | NotApplicable;
};

/** Somebody's own session: the console marks its calls, and its keys have no issuing event. */
function mayBeOfConsole({ followed, workload }: KeyHolder): boolean {
  return followed && workload === undefined;
}

function readUse(
  { key, workload, followed, delivery }: KeyHolder,
  sourceIPAddress: string | undefined,
  vpcEndpointId: string | undefined,
  userAgent: string | undefined,
  fromConsole: boolean,
): KeyUse | NotApplicable {
  const source = sourceOf(sourceIPAddress, vpcEndpointId);
  if (source === undefined && isServiceSource(sourceIPAddress)) return 'forward_access';
  return {
    key,
    workload,
    source,
    agent: agentFamily(userAgent),
    delivery,
    throughEndpoint: vpcEndpointId !== undefined,
    unless: !followed ? 'user_session' : fromConsole ? 'console_session' : undefined,
    remembered: followed && source !== undefined,
    reading: undefined,
  };
}
