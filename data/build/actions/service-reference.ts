import type { AccessLevelName } from '../../../src/knowledge/actions-file.ts';
import { checkActionShape, type SourceAction } from './source-action.ts';

/** What AWS's Service Reference says of one service, or of several put together. */
export type ServiceReference = {
  readonly actions: ReadonlyMap<string, SourceAction>;
  /** `service:Operation` to the actions that may authorize it; only operations that AWS has mapped. */
  readonly operations: ReadonlyMap<string, readonly string[]>;
};

/** One entry of the list of services. */
export type ServiceEntry = { readonly service: string; readonly url: string };

/** Reads the list of services. Throws when it is none. */
export function parseServiceList(value: unknown): ServiceEntry[] {
  if (!Array.isArray(value) || value.length === 0) throw new Error('the list of services is not a list');
  return value.map((entry: { readonly service?: unknown; readonly url?: unknown }) => {
    const { service, url } = entry;
    if (typeof service !== 'string' || typeof url !== 'string' || !/^[a-z0-9-]{1,64}$/.test(service)) {
      throw new Error('the list of services has an entry without service or url');
    }
    return { service, url };
  });
}

type ServiceDocument = {
  readonly Name?: unknown;
  readonly Actions?: readonly {
    readonly Name: string;
    readonly Annotations?: { readonly Properties?: { readonly [flag: string]: unknown } };
    readonly Resources?: readonly unknown[];
  }[];
  readonly Operations?: readonly {
    readonly Name: string;
    readonly AuthorizedActions?: readonly { readonly Name: string; readonly Service?: string }[];
  }[];
};

/**
 * Reads one service's document. Throws when it has another shape, or a flag we do not know.
 *
 * @see https://docs.aws.amazon.com/service-authorization/latest/reference/service-reference.html
 */
export function parseServiceDocument(service: string, value: unknown): ServiceReference {
  const document = value as ServiceDocument | null;
  if (typeof document !== 'object' || document?.Name !== service || !Array.isArray(document.Actions)) {
    throw new Error(`the document of ${service} is not one`);
  }
  const actions = new Map<string, SourceAction>();
  for (const row of document.Actions as NonNullable<ServiceDocument['Actions']>) {
    const action = checkActionShape(`${service}:${row.Name}`);
    actions.set(action, {
      level: levelOfFlags(row.Annotations?.Properties, action),
      restrictable: (row.Resources ?? []).length > 0,
      retired: false,
    });
  }
  const operations = new Map<string, readonly string[]>();
  for (const row of document.Operations ?? []) {
    if (row.AuthorizedActions === undefined || row.AuthorizedActions.length === 0) continue;
    const names = row.AuthorizedActions.map((action) => `${action.Service ?? service}:${action.Name}`);
    operations.set(checkActionShape(`${service}:${row.Name}`), [...new Set(names.map(checkActionShape))]);
  }
  return { actions, operations };
}

/** From the most special kind to the least; an action without any of these flags reads. */
const FLAG_LEVELS: readonly (readonly [flag: string, level: AccessLevelName])[] = [
  ['IsPermissionManagement', 'Permissions management'],
  ['IsTaggingOnly', 'Tagging'],
  ['IsWrite', 'Write'],
  ['IsList', 'List'],
  ['IsRead', 'Read'],
];

function levelOfFlags(
  flags: { readonly [flag: string]: unknown } | undefined,
  action: string,
): AccessLevelName {
  if (flags === undefined) throw new Error(`${action} has no access level`);
  for (const [flag, value] of Object.entries(flags)) {
    if (typeof value !== 'boolean' || !FLAG_LEVELS.some(([known]) => known === flag)) {
      throw new Error(`${action} has an unknown access level flag: ${JSON.stringify(flag)}`);
    }
  }
  return FLAG_LEVELS.find(([flag]) => flags[flag] === true)?.[1] ?? 'Read';
}
