import { ActionSet } from './action-set.ts';
import type { ResourceTypes } from './analysis.ts';
import type { Budget } from './budget.ts';
import { matchesEverything, matchesPattern } from './match-pattern.ts';

/** Characters no ARN holds: what matches them in a variable's place matches every value. */
const SHORT = '\u0001';
const LONG = '\u0001\u0002\u0003\u0001\u0002\u0003\u0001';
const ANY_ACCOUNT = /^\d{12}$/;

/** The formats of one service, by its name in the ARN. */
type FormatsByService = ReadonlyMap<string, readonly number[]>;
const formatsByService = new WeakMap<ResourceTypes, FormatsByService>();

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
  const result = new ActionSet(new Uint32Array(actions.words.length));
  if (types === undefined) return result;
  const covered = coveredFormats(resources, types, budget);
  if (covered.size === 0) return result;
  const ids = actions.ids();
  budget.spend(ids.length);
  for (const id of ids) {
    const need = types.needOf(id);
    if (need === undefined || need.formats.length === 0) continue;
    const isCovered = need.any
      ? need.formats.some((format) => covered.has(format))
      : need.formats.every((format) => covered.has(format));
    if (isCovered) result.add(id);
  }
  return result;
}

/** The formats whose every ARN some pattern matches. */
function coveredFormats(resources: readonly string[], types: ResourceTypes, budget: Budget): Set<number> {
  const covered = new Set<number>();
  for (const resource of resources) {
    if (budget.isExhausted) break;
    if (!resource.startsWith('arn:') || !resource.includes('*')) continue;
    const parts = resource.split(':', 5);
    for (const format of candidateFormats(types, parts[2] ?? '')) {
      if (covered.has(format)) continue;
      const text = types.formats[format] ?? '';
      budget.spend(8);
      if (
        matchesPattern(resource, instantiate(text, parts, SHORT), budget) &&
        matchesPattern(resource, instantiate(text, parts, LONG), budget)
      ) {
        covered.add(format);
      }
    }
  }
  return covered;
}

/** The format with its variables filled in: partition and account as the pattern has them, the rest by `filler`. */
function instantiate(format: string, parts: readonly string[], filler: string): string {
  const fields = format.split(':');
  if (fields[1] === '*') fields[1] = (parts[1] ?? '').startsWith('aws') ? (parts[1] ?? '') : 'aws';
  if (fields[4] === '*' && ANY_ACCOUNT.test(parts[4] ?? '')) fields[4] = parts[4] ?? '';
  return fields.join(':').replaceAll('*', filler);
}

function candidateFormats(types: ResourceTypes, service: string): readonly number[] {
  let known = formatsByService.get(types);
  if (known === undefined) {
    known = groupFormats(types.formats);
    formatsByService.set(types, known);
  }
  return known.get(service.includes('*') || service.includes('?') ? '*' : service) ?? [];
}

function groupFormats(formats: readonly string[]): FormatsByService {
  const groups = new Map<string, number[]>([['*', formats.map((_, number) => number)]]);
  formats.forEach((format, number) => {
    const service = format.split(':', 3)[2] ?? '';
    const group = groups.get(service);
    if (group === undefined) groups.set(service, [number]);
    else group.push(number);
  });
  return groups;
}

/** Shapes of ARNs: with and without region and account. A pattern that matches all matches every ARN. */
const EVERY_SHAPE = ['arn:*:*:*:*:*', 'arn:*:*:::*', 'arn:*:*::*:*', 'arn:*:*:*::*'];

/** `arn:*`, `arn:aws:*`, `arn:aws:*:*:*:*`, `a*`: a pattern that leaves service and resource open. */
function isEveryArn(resource: string, budget: Budget): boolean {
  if (!resource.includes('*')) return false;
  const parts = resource.split(':', 5);
  return EVERY_SHAPE.every(
    (shape) =>
      matchesPattern(resource, instantiate(shape, parts, SHORT), budget) &&
      matchesPattern(resource, instantiate(shape, parts, LONG), budget),
  );
}
