import type { CloudTrailEvent } from '../../cloudtrail/event.ts';
import type { Actions } from '../../knowledge/actions.ts';
import {
  type AttackEntry,
  type AttackKnowledge,
  attackEntryOf,
  type MappedTechnique,
} from '../../knowledge/attack.ts';
import type { Condition } from '../../knowledge/attack-condition.ts';
import { CONFIDENCES } from '../../knowledge/attack-file.ts';
import { resolveOperation } from '../../knowledge/resolve-operation.ts';
import { isDropped } from '../attack.ts';
import type { ActionEnrichment } from '../output.ts';
import { type CallerKind, callerKindOf } from './caller.ts';
import { heldConditions, judgeAll } from './judge.ts';
import { allHold, holds } from './predicates.ts';

/** How the techniques of an event were reached, for `explain=true`. Never echoes the record's values. */
export type AttackExplanation = {
  readonly mapping: string;
  readonly release: string;
  readonly caller: CallerKind;
  /** Why nothing is claimed although the operation is mapped. */
  readonly dropped?: string;
  readonly techniques: readonly TechniqueExplanation[];
};

/** One technique of the operation, claimed or not. */
export type TechniqueExplanation = {
  readonly id: string;
  readonly base: string;
  readonly claimed: boolean;
  /** Tests that had to hold, and whether they did. */
  readonly when?: readonly { readonly test: string; readonly held: boolean }[];
  /** Tests that change the confidence, and whether they did. */
  readonly changes?: readonly { readonly reason: string; readonly to: string; readonly held: boolean }[];
  readonly evidence?: readonly string[];
};

/** Explains a verdict of `enrichAttack`; undefined when the operation is not mapped. */
export function explainAttack(
  event: CloudTrailEvent,
  action: ActionEnrichment,
  attack: AttackKnowledge,
): AttackExplanation | undefined {
  const entry = attackEntryOf(attack, event.eventSource, event.eventName, action.iam);
  if (entry === undefined) return undefined;
  const caller = callerKindOf(event);
  const dropped = isDropped(entry, caller);
  const isFailed = action.outcome !== 'success';
  const judgments = judgeAll(entry, heldConditions(entry, event), caller, isFailed);
  return {
    mapping: entry.classId === undefined ? 'reviewed' : `class:${entry.classId}`,
    release: attack.release,
    caller,
    ...(dropped
      ? { dropped: caller === 'service' ? 'made by an AWS service' : 'made on behalf of somebody' }
      : {}),
    techniques: entry.techniques.map((technique, index) => ({
      ...describeTechnique(technique),
      claimed: !dropped && judgments[index] !== undefined,
      ...(technique.when.length === 0
        ? {}
        : {
            when: technique.when.map((each) => ({ test: describeCondition(each), held: holds(each, event) })),
          }),
      ...changesOf(technique, event),
    })),
  };
}

/** What an operation may be, for `GET /v1/actions/{service}/{name}`; undefined when it is not mapped. */
export type OperationAttack = {
  readonly release: string;
  readonly access: string;
  readonly mapping: string;
  readonly techniques: readonly {
    readonly id: string;
    readonly name: string;
    readonly tactics: readonly string[];
    readonly confidence: string;
    readonly when?: readonly string[];
    readonly raised_by?: readonly string[];
    readonly lowered_by?: readonly string[];
    readonly evidence?: readonly string[];
  }[];
};

/** See {@link OperationAttack}. `service` is a host, its label or an IAM prefix. */
export function describeOperationAttack(
  attack: AttackKnowledge,
  actions: Actions,
  service: string,
  name: string,
): OperationAttack | undefined {
  const operation = resolveOperation(actions, service, name);
  const iam = operation.iam.length > 0 ? operation.iam : operation.conditional;
  const entry = attackEntryOf(attack, operation.source, operation.name, iam);
  return entry === undefined || entry.techniques.length === 0 ? undefined : describeEntry(entry, attack);
}

function describeEntry(entry: AttackEntry, attack: AttackKnowledge): OperationAttack {
  return {
    release: attack.release,
    access: entry.access,
    mapping: entry.classId === undefined ? 'reviewed' : `class:${entry.classId}`,
    techniques: entry.techniques.map(({ facts, tactics, confidence, when, raise, lower, evidence }) => ({
      id: facts.id,
      name: facts.name,
      tactics,
      confidence: CONFIDENCES[confidence] ?? 'derived',
      ...(when.length === 0 ? {} : { when: when.map(describeCondition) }),
      ...(raise.length === 0 ? {} : { raised_by: raise.map(({ reason }) => reason) }),
      ...(lower.length === 0 ? {} : { lowered_by: lower.map(({ reason }) => reason) }),
      ...(evidence.length === 0 ? {} : { evidence }),
    })),
  };
}

function describeTechnique({ facts, confidence, evidence }: MappedTechnique) {
  return {
    id: facts.id,
    base: CONFIDENCES[confidence] ?? 'derived',
    ...(evidence.length === 0 ? {} : { evidence }),
  };
}

function changesOf(
  technique: MappedTechnique,
  event: CloudTrailEvent,
): Pick<TechniqueExplanation, 'changes'> {
  const changes = [...technique.raise, ...technique.lower].map(({ to, reason, when }) => ({
    reason,
    to: CONFIDENCES[to] ?? 'derived',
    held: allHold(when, event),
  }));
  return changes.length === 0 ? {} : { changes };
}

/** A condition as the data has it, in one line: `requestParameters.enable equals false`. */
function describeCondition(condition: Condition): string {
  if (condition.kind === 'not') return `not (${describeCondition(condition.condition)})`;
  if (condition.kind !== 'test')
    return condition.conditions.map(describeCondition).join(condition.kind === 'any' ? ' or ' : ' and ');
  const { steps, op, value } = condition;
  return `${steps.join('.')} ${op}${value === undefined ? '' : ` ${JSON.stringify(value)}`}`;
}
