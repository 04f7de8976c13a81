import type { CloudTrailEvent } from '../cloudtrail/event.ts';
import type { Actions } from '../knowledge/actions.ts';
import { type AttackEntry, type AttackKnowledge, attackEntryOf } from '../knowledge/attack.ts';
import type { Operation } from '../knowledge/operation.ts';
import { OperationCache } from '../knowledge/operation-cache.ts';
import { MAX_LENGTH, resolveOperation } from '../knowledge/resolve-operation.ts';
import type { RiskKnowledge } from '../knowledge/risk.ts';
import { issuesKeys } from '../sessions/observe-issue.ts';
import { enrichAction } from './action.ts';
import { attackKeyOf, enrichAttack } from './attack.ts';
import { sharingPathsOf } from './context/shared-accounts.ts';
import type { SharingPaths } from './context/sharing-calls.ts';
import { assumesRole } from './context.ts';
import { variantOf } from './operation.ts';
import { isSignIn } from './outcome.ts';
import type { RiskEnrichment } from './output.ts';
import { findPolicyEvent } from './policy/event-table.ts';
import type { PolicyEvent } from './policy/policy-event.ts';
import { staticRisk } from './risk.ts';
import { Verdict } from './verdict.ts';

/** The knowledge that verdicts rest on; it never changes while the process lives. */
export type VerdictKnowledge = {
  readonly actions: Actions;
  readonly attack: AttackKnowledge;
  readonly risk: RiskKnowledge;
};

/**
 * What the source and the name of a call say to each enricher, found by one look-up: which tables have it,
 * and what its plain calls come to.
 */
export type Call = {
  /** What it does to a policy. */
  readonly policyEvent: PolicyEvent | undefined;
  /** Where it names accounts that something is shared with. */
  readonly sharing: SharingPaths | undefined;
  /** Whether its answer holds a temporary key. */
  readonly issuesKeys: boolean;
  /** Whether its request names a role to assume. */
  readonly assumesRole: boolean;
  /** Undefined when every event of it has to be looked at. */
  readonly plain: PlainCall | undefined;
};

/**
 * What is remembered of the plain calls of one operation: those that succeeded, of an operation that is
 * known. Then the source and the name (and for few the request, see `variantOf`) decide the action, and
 * with one number (`attackKeyOf`) the techniques and the risk.
 */
type PlainCall = {
  readonly operation: Operation;
  readonly variants: ReadonlyMap<Operation, PlainCall> | undefined;
  readonly entry: AttackEntry | undefined;
  /** By that number; there are only as many as combinations of the data's few conditions. */
  readonly verdicts: Map<number, Verdict>;
};

/** Answers `enrichAction`, `enrichAttack` and the risk of both at once; plain calls from memory. */
export class Verdicts {
  readonly #knowledge: VerdictKnowledge;
  readonly #calls = new OperationCache<Call>();
  /** By risk, of which there is one for every pair of action and techniques. */
  readonly #byRisk = new WeakMap<RiskEnrichment, Verdict>();

  constructor(knowledge: VerdictKnowledge) {
    this.#knowledge = knowledge;
  }

  /** What is known of an event by its source and name. */
  callOf(event: CloudTrailEvent): Call {
    const { eventSource: source, eventName: name } = event;
    if (source === undefined || name === undefined) return NO_CALL;
    let call = this.#calls.get(source, name);
    if (call === undefined) {
      call = this.#describe(source, name);
      if (source.length <= MAX_LENGTH && name.length <= MAX_LENGTH) this.#calls.set(source, name, call);
    }
    return call;
  }

  /**
   * The verdict of an event; the same object for the same verdict.
   *
   * @param call of {@link callOf}, for whoever knows it already
   */
  of(event: CloudTrailEvent, call = this.callOf(event)): Verdict {
    const { eventType } = event;
    const isCall = eventType === undefined || eventType === 'AwsApiCall';
    let { plain } = call;
    if (plain === undefined || !isCall) return this.#judge(event);
    if (event.errorCode !== undefined || event.errorMessage !== undefined) return this.#judge(event);
    if (plain.variants !== undefined) plain = plain.variants.get(variantOf(plain.operation, event)) ?? plain;
    const { entry, verdicts } = plain;
    const key = entry === undefined ? 0 : attackKeyOf(entry, event, false);
    let verdict = verdicts.get(key);
    if (verdict === undefined) {
      verdict = this.#judge(event);
      verdicts.set(key, verdict);
    }
    return verdict;
  }

  /** Looks at everything. */
  #judge(event: CloudTrailEvent): Verdict {
    const { actions, attack: attackKnowledge, risk: riskKnowledge } = this.#knowledge;
    const action = enrichAction(event, actions);
    const attack = enrichAttack(event, action, attackKnowledge);
    const risk = staticRisk(action, attack, riskKnowledge);
    let verdict = this.#byRisk.get(risk);
    if (verdict === undefined) {
      verdict = new Verdict(action, attack, risk, attackKnowledge);
      this.#byRisk.set(risk, verdict);
    }
    return verdict;
  }

  #describe(source: string, name: string): Call {
    return {
      policyEvent: findPolicyEvent(source, name),
      sharing: sharingPathsOf(source, name),
      issuesKeys: issuesKeys(source, name),
      assumesRole: assumesRole({ eventSource: source, eventName: name }),
      plain: this.#plainCall(source, name),
    };
  }

  #plainCall(source: string, name: string): PlainCall | undefined {
    const operation = resolveOperation(this.#knowledge.actions, source, name);
    if (operation.resolvedBy === 'unknown' || isSignIn(source)) return undefined;
    const variants = operation.variants?.map(
      (variant) => [variant.operation, this.#toPlain(source, name, variant.operation, undefined)] as const,
    );
    return this.#toPlain(source, name, operation, variants && new Map(variants));
  }

  #toPlain(source: string, name: string, operation: Operation, variants: PlainCall['variants']): PlainCall {
    const entry = attackEntryOf(this.#knowledge.attack, source, name, operation.iam);
    const hasTechniques = entry !== undefined && entry.techniques.length > 0;
    return { operation, variants, entry: hasTechniques ? entry : undefined, verdicts: new Map() };
  }
}

const NO_CALL: Call = {
  policyEvent: undefined,
  sharing: undefined,
  issuesKeys: false,
  assumesRole: false,
  plain: undefined,
};
