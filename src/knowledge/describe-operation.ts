import type { Actions } from './actions.ts';
import type { AccessLevelName } from './actions-file.ts';
import type { Operation, OperationVariant } from './operation.ts';
import { resolveOperation } from './resolve-operation.ts';

/** What is known of an operation, in the output's words; absent means none. */
export type OperationDescription = {
  /** The host's label, such as `iam`. */
  readonly service: string;
  /** The operation without an API date. */
  readonly name: string;
  readonly iam?: readonly string[];
  readonly conditional?: readonly string[];
  readonly access_level?: AccessLevelName;
  readonly resolved_by: 'name' | 'host' | 'suffix' | 'exception' | 'none';
  readonly reason?: string;
  /** True when AWS no longer lists any of the actions. */
  readonly retired?: true;
  /** Other answers, which depend on the request. */
  readonly variants?: readonly VariantDescription[];
};

/** An answer that holds when the request has one of these parameters, or the caller is of such a type. */
export type VariantDescription = {
  readonly parameters?: readonly string[];
  readonly identity_types?: readonly string[];
  readonly iam?: readonly string[];
  readonly access_level?: AccessLevelName;
  readonly reason?: string;
};

/**
 * Describes an operation by service (a host such as `iam.amazonaws.com`, its label, or an IAM prefix) and
 * by name (with or without an API date). Undefined when nothing is known of it.
 */
export function describeOperation(
  actions: Actions,
  service: string,
  name: string,
): OperationDescription | undefined {
  const operation = resolveOperation(actions, service, name);
  const { resolvedBy } = operation;
  if (resolvedBy === 'unknown' || operation.name === '') return undefined;
  return {
    service: operation.service,
    name: operation.name,
    ...answerOf(operation),
    ...(operation.conditional.length === 0 ? {} : { conditional: operation.conditional }),
    resolved_by: resolvedBy,
    ...(isRetired(actions, operation) ? { retired: true } : {}),
    ...(operation.variants === undefined ? {} : { variants: operation.variants.map(describeVariant) }),
  };
}

function describeVariant({ test, operation }: OperationVariant): VariantDescription {
  return {
    ...(test.parameters.length === 0 ? {} : { parameters: test.parameters }),
    ...(test.identityTypes.length === 0 ? {} : { identity_types: test.identityTypes }),
    ...answerOf(operation),
  };
}

function answerOf(operation: Operation): Pick<OperationDescription, 'iam' | 'access_level' | 'reason'> {
  return {
    ...(operation.iam.length === 0 ? {} : { iam: operation.iam }),
    ...(operation.level === undefined ? {} : { access_level: operation.level }),
    ...(operation.reason === undefined ? {} : { reason: operation.reason }),
  };
}

function isRetired(actions: Actions, operation: Operation): boolean {
  const { catalog } = actions;
  return (
    operation.iam.length > 0 &&
    operation.iam.every((action) => catalog.retired[catalog.idOf(action.toLowerCase()) ?? -1] === 1)
  );
}
