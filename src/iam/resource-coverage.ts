import type { ActionSet } from './action-set.ts';
import type { ResourceNeed, ResourceTypes } from './analysis.ts';
import type { Budget } from './budget.ts';
import { hasWildcard, matchesEverything, matchesPattern } from './match-pattern.ts';

/** Characters no ARN holds: what matches them in a variable's place matches every value. */
const SHORT = '\u0001';
const LONG = '\u0001\u0002\u0003\u0001\u0002\u0003\u0001';
const ANY_ACCOUNT = /^\d{12}$/;

/** True when one of the patterns matches every resource there is. */
export function coversEverything(resources: readonly string[], budget: Budget): boolean {
  return resources.some((resource) => matchesEverything(resource) || isEveryArn(resource, budget));
}

/**
 * The part of `actions` that the resource patterns allow on every resource of the types the action needs:
 * `arn:aws:iam::*:role/*` allows `iam:PassRole` on every role. One account number counts as every account,
 * since an identity policy acts in its own; one region does not count as every region.
 *
 * @see https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
 */
export function coveredActions(
  actions: ActionSet,
  resources: readonly string[],
  types: ResourceTypes | undefined,
  budget: Budget,
): ActionSet {
  if (types === undefined) return actions.difference(actions);
  const index = indexOfFormats(types, actions.capacity);
  const covered = coveredFormats(resources, index, budget);
  if (covered.size === 0) return actions.difference(actions);
  const result = actions.emptied();
  for (const format of covered) {
    const candidates = index.formats[format]?.actions ?? [];
    budget.spend(candidates.length * 2);
    for (const id of candidates) {
      if (actions.has(id) && isCovered(types.needOf(id), covered)) result.add(id);
    }
  }
  return result;
}

function isCovered(need: ResourceNeed | undefined, covered: ReadonlySet<number>): boolean {
  if (need === undefined) return false;
  return need.any
    ? need.formats.some((format) => covered.has(format))
    : need.formats.every((format) => covered.has(format));
}

/** The formats whose every ARN some pattern matches. */
function coveredFormats(resources: readonly string[], index: FormatIndex, budget: Budget): Set<number> {
  const covered = new Set<number>();
  for (const resource of resources) {
    if (budget.isExhausted) break;
    if (!resource.startsWith('arn:') || !resource.includes('*')) continue;
    const parts = resource.split(':', 6);
    const service = parts[2] ?? '';
    const group = index.groups.get(hasWildcard(service) ? '*' : service) ?? [];
    const given = parts.length < 6 ? '' : literalBeginning(parts[5] ?? '');
    const isRegional = parts.length === 6 && parts[3] !== '' && !hasWildcard(parts[3] ?? '');
    budget.spend(32 + group.length * 3);
    for (const number of group) {
      const format = index.formats[number];
      if (format === undefined || covered.has(number)) continue;
      // A cheap no: one region is not all of them, and a resource part that says more before its first
      // wildcard than the format does names some resources only.
      if ((isRegional && format.hasRegion) || !format.beginning.startsWith(given)) continue;
      if (coversAll(resource, parts, format.fields, budget)) covered.add(number);
    }
  }
  return covered;
}

function coversAll(
  resource: string,
  parts: readonly string[],
  format: readonly string[],
  budget: Budget,
): boolean {
  budget.spend(160);
  return (
    matchesPattern(resource, instantiate(format, parts, SHORT), budget) &&
    matchesPattern(resource, instantiate(format, parts, LONG), budget)
  );
}

/** The format with its variables filled in: partition and account as the pattern has them, the rest by `filler`. */
function instantiate(format: readonly string[], parts: readonly string[], filler: string): string {
  const fields = [...format];
  const partition = parts[1] ?? '';
  if (fields[1] === '*') fields[1] = partition.startsWith('aws') ? partition : 'aws';
  if (fields[4] === '*' && ANY_ACCOUNT.test(parts[4] ?? '')) fields[4] = parts[4] ?? '';
  return fields.join(':').replaceAll('*', filler);
}

function literalBeginning(text: string): string {
  const wildcard = text.search(/[*?]/);
  return wildcard === -1 ? text : text.slice(0, wildcard);
}

/** A format, taken apart. */
type Format = {
  /** Split at the first five colons. */
  readonly fields: readonly string[];
  /** The resource part before its first variable, up to a colon. */
  readonly beginning: string;
  readonly hasRegion: boolean;
  /** Actions that need it. */
  readonly actions: readonly number[];
};
/** Formats and their numbers by service (`*`: all). */
type FormatIndex = {
  readonly formats: readonly Format[];
  readonly groups: ReadonlyMap<string, readonly number[]>;
};
const formatIndexes = new WeakMap<ResourceTypes, FormatIndex>();

/** The index of formats over the action ids below `size`, made at its first use. */
function indexOfFormats(types: ResourceTypes, size: number): FormatIndex {
  let index = formatIndexes.get(types);
  if (index === undefined) {
    const groups = new Map<string, number[]>([['*', types.formats.map((_, number) => number)]]);
    const actions = types.formats.map((): number[] => []);
    for (let id = 0; id < size; id++) {
      for (const format of types.needOf(id)?.formats ?? []) actions[format]?.push(id);
    }
    const formats = types.formats.map((format, number) => {
      const fields = splitArn(format);
      const beginning = literalBeginning((fields[5] ?? '').split(':', 1)[0] ?? '');
      return { fields, beginning, hasRegion: fields[3] === '*', actions: actions[number] ?? [] };
    });
    formats.forEach(({ fields }, number) => {
      const service = fields[2] ?? '';
      groups.set(service, [...(groups.get(service) ?? []), number]);
    });
    index = { formats, groups };
    formatIndexes.set(types, index);
  }
  return index;
}

function splitArn(arn: string): readonly string[] {
  const parts = arn.split(':');
  return [...parts.slice(0, 5), parts.slice(5).join(':')];
}

/** Shapes of ARNs: with and without region and account. A pattern that matches all matches every ARN. */
const EVERY_SHAPE = ['arn:*:*:*:*:*', 'arn:*:*:::*', 'arn:*:*::*:*', 'arn:*:*:*::*'].map(splitArn);

/** `arn:*`, `arn:aws:*`, `arn:aws:*:*:*:*`, `a*`: a pattern that leaves service and resource open. */
function isEveryArn(resource: string, budget: Budget): boolean {
  if (!resource.includes('*')) return false;
  const parts = resource.split(':', 5);
  if (parts.length > 2 && !hasWildcard(parts[2] ?? '')) return false;
  return EVERY_SHAPE.every((shape) => coversAll(resource, parts, shape, budget));
}
