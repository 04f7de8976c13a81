import type { CloudTrailEvent } from '../../cloudtrail/event.ts';
import type { ContextEnrichment, SessionEnrichment, ToolEnrichment } from '../output.ts';
import type { RiskSignals } from './contributions.ts';
import type { Contribution } from './formula.ts';
import { ACTOR_WEIGHTS, tierOf } from './weights.ts';

/** Signals of who made the call and from where: session, tool, context, and the caller itself. */

/** True when one of them may hold. Every event asks: no list, no closure. */
export function hasActorSignal({
  event,
  session,
  tool,
  context,
  firstKind,
}: Omit<RiskSignals, 'action' | 'attack' | 'policy'>): boolean {
  return (
    session?.verdict === 'different_source' ||
    session?.verdict === 'multiple_sources' ||
    firstKind !== undefined ||
    (tool !== undefined && isSuspicious(tool)) ||
    (context !== undefined && hasContextSignal(context)) ||
    isRoot(event)
  );
}

/** Those that hold, in a fixed order. */
export function actorContributions(signals: RiskSignals): Contribution[] {
  return [
    ...sessionContributions(signals.session),
    ...toolContributions(signals.tool),
    ...callerContributions(signals),
  ];
}

/** The distributions made for attacking, by their code among a tool's signals, with the tool they stand for. */
export const ATTACK_DISTRIBUTIONS: ReadonlyMap<string, string> = new Map([
  ['kali_linux', 'Kali Linux'],
  ['parrot_os', 'Parrot OS'],
  ['pentoo', 'Pentoo'],
]);

function isSuspicious(tool: ToolEnrichment): boolean {
  return tool.kind !== 'client' || (tool.signals !== undefined && distributionOf(tool) !== undefined);
}

function distributionOf({ signals }: ToolEnrichment): string | undefined {
  if (signals === undefined) return undefined;
  for (const code of signals) if (ATTACK_DISTRIBUTIONS.has(code)) return code;
  return undefined;
}

function hasContextSignal(context: ContextEnrichment): boolean {
  return (
    context.role_use === 'unexpected' ||
    context.principal?.kind === BREAK_GLASS ||
    isTor(context) ||
    isStranger(context)
  );
}

/** The company file's word for an emergency principal. */
const BREAK_GLASS = 'break-glass';

/** A network that the company calls its own and trusts is none, whatever its kind. */
function isTor({ network }: ContextEnrichment): boolean {
  return network?.kind === 'tor' && network.trusted !== true;
}

/** Another account's call into this one, where the company file lists accounts and no vendor has it. */
function isStranger({ account, recipient_account: recipient }: ContextEnrichment): boolean {
  return recipient !== undefined && account?.relation === 'unknown';
}

function sessionContributions(session: SessionEnrichment | undefined): Contribution[] {
  const reason =
    session?.verdict === 'different_source'
      ? 'key_used_from_new_source'
      : session?.verdict === 'multiple_sources'
        ? 'session_used_from_several_sources'
        : undefined;
  if (reason === undefined) return [];
  return [actor(reason, ACTOR_WEIGHTS[reason][session?.fidelity ?? 'low'])];
}

/** An agent that shows nothing but the distribution counts once, for the distribution. */
function toolContributions(tool: ToolEnrichment | undefined): Contribution[] {
  if (tool === undefined) return [];
  const { name, kind, confidence } = tool;
  const contributions: Contribution[] = [];
  const distribution = distributionOf(tool);
  const isNothingElse = distribution !== undefined && ATTACK_DISTRIBUTIONS.get(distribution) === name;
  if (kind === 'attack' && !isNothingElse)
    contributions.push(actor('attack_tool', ACTOR_WEIGHTS.attack_tool[confidence]));
  if (kind === 'audit') contributions.push(actor('audit_tool', ACTOR_WEIGHTS.audit_tool[confidence]));
  if (distribution !== undefined)
    contributions.push(actor('attack_distribution', ACTOR_WEIGHTS.attack_distribution));
  return contributions;
}

type TieredReason = {
  [Reason in keyof typeof ACTOR_WEIGHTS]: (typeof ACTOR_WEIGHTS)[Reason] extends { readonly write: number }
    ? Reason
    : never;
}[keyof typeof ACTOR_WEIGHTS];

function callerContributions({ event, action, context, firstKind }: RiskSignals): Contribution[] {
  const tier = tierOf(action);
  const contributions: Contribution[] = [];
  const add = (reason: TieredReason): void => {
    contributions.push(actor(reason, ACTOR_WEIGHTS[reason][tier]));
  };
  if (isRoot(event)) add('root_user');
  if (firstKind !== undefined) {
    const { established, recent } = ACTOR_WEIGHTS.first_use_of_key_kind;
    contributions.push(actor('first_use_of_key_kind', firstKind.established ? established : recent));
  }
  if (context === undefined) return contributions;
  if (context.principal?.kind === BREAK_GLASS) add('break_glass_principal');
  if (context.role_use === 'unexpected') add('role_used_from_unexpected_place');
  if (isTor(context)) add('tor_exit');
  if (isStranger(context)) add('unknown_caller_account');
  return contributions;
}

/** Root's own calls; what a service does on root's behalf is not root at the keyboard. */
function isRoot(event: CloudTrailEvent): boolean {
  const { caller } = event;
  return caller?.type === 'Root' && caller.invokedBy === undefined && event.eventType !== 'AwsServiceEvent';
}

function actor(reason: keyof typeof ACTOR_WEIGHTS, weight: number): Contribution {
  return { reason, weight, ofContent: false };
}
