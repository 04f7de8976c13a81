import type { CloudTrailEvent } from '../cloudtrail/event.ts';
import { presentString } from '../cloudtrail/json.ts';
import type { Actions } from '../knowledge/actions.ts';
import type { Operation, VariantTest } from '../knowledge/operation.ts';
import { resolveOperation } from '../knowledge/resolve-operation.ts';

/**
 * The operation of an event, with what the request decides where several share a source and a name.
 * Says nothing about the event's type: a service event has an operation too, though no IAM action.
 */
export function operationOf(event: CloudTrailEvent, actions: Actions): Operation {
  return variantOf(resolveOperation(actions, event.eventSource, event.eventName), event);
}

/** The variant of an operation that the request asks for, which is the operation itself where none is. */
export function variantOf(operation: Operation, event: CloudTrailEvent): Operation {
  if (operation.variants === undefined) return operation;
  for (const variant of operation.variants) {
    if (holds(variant.test, event)) return variant.operation;
  }
  return operation;
}

function holds(test: VariantTest, event: CloudTrailEvent): boolean {
  if (test.identityTypes.length > 0) {
    const type = event.caller?.type;
    return type !== undefined && test.identityTypes.includes(type);
  }
  for (const parameter of test.parameters) {
    const value = presentString(event.requestParameter(parameter));
    if (value !== undefined && (test.contains === undefined || value.includes(test.contains))) return true;
  }
  return false;
}
