import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Detections } from '../../logstash/build/detections.ts';
import { COPIES } from '../../logstash/build/record-fields.ts';
import { matchesRule, type SigmaCorrelation, valuesAt } from '../../logstash/build/sigma.ts';
import { projectRoot } from '../shared.ts';

/** One event of a story: what it must be enriched with (a subset) and which rules must fire on it, exactly. */
export type Step = {
  readonly title: string;
  readonly record: Readonly<Record<string, unknown>>;
  readonly expected: Readonly<Record<string, unknown>>;
  readonly detections: readonly string[];
};

/** A story in the order in which it happened, and the correlations that must fire on it, exactly. */
export type Scenario = {
  readonly name: string;
  readonly why: string;
  readonly steps: readonly Step[];
  readonly correlations: readonly { readonly name: string; readonly group: string }[];
  /** Set where the story is about the order of delivery. */
  readonly order?: 'matters';
};

export type Enrichment = { readonly detrails: Readonly<Record<string, unknown>>; readonly threat?: unknown };

/** All scenarios of this folder. */
export function readScenarios(): readonly Scenario[] {
  const folder = join(projectRoot(), 'test', 'scenarios');
  return readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .sort()
    .map((file) => JSON.parse(readFileSync(join(folder, file), 'utf8')) as Scenario);
}

/** A document as an index holds it: the record, Elastic's names for its members, and the enrichment. */
export function indexed(record: Step['record'], enrichment: Enrichment): Readonly<Record<string, unknown>> {
  const document: Record<string, unknown> = {
    '@timestamp': record['eventTime'],
    cloudtrail: record,
    ...enrichment,
  };
  for (const [name, from] of Object.entries(COPIES)) {
    const [value] = valuesAt(record, from);
    if (typeof value === 'string') setAt(document, name.split('.'), value);
  }
  return document;
}

/** The names of the rules that fire on a document, in alphabetical order. */
export function firing({ rules }: Detections, document: unknown): readonly string[] {
  return [...rules.values()]
    .filter((rule) => matchesRule(rule, document))
    .map(({ name }) => name)
    .sort();
}

/** The groups for which a correlation fires, over documents that its rule fires on. */
export function firingGroups(
  correlation: SigmaCorrelation,
  detections: Detections,
  documents: readonly unknown[],
): readonly string[] {
  const groups = new Map<string, { time: number; value: string }[]>();
  for (const document of documents) {
    if (!firing(detections, document).includes(correlation.rule)) continue;
    const [group, value, time] = [correlation.groupBy, correlation.field, '@timestamp'].map((path) =>
      String(valuesAt(document, path)[0]),
    );
    const events = groups.get(group ?? '') ?? [];
    events.push({ time: Date.parse(time ?? ''), value: value ?? '' });
    groups.set(group ?? '', events);
  }
  const spanMs = correlation.timespanMinutes * 60_000;
  const fires = (events: readonly { time: number; value: string }[]) =>
    events.some(({ time: start }) => {
      const within = events.filter(({ time }) => time >= start && time <= start + spanMs);
      return new Set(within.map(({ value }) => value)).size >= correlation.gte;
    });
  return [...groups].filter(([, events]) => fires(events)).map(([group]) => group);
}

function setAt(document: Record<string, unknown>, path: readonly string[], value: string): void {
  let at = document;
  for (const step of path.slice(0, -1)) {
    const inner = (at[step] ?? {}) as Record<string, unknown>;
    at[step] = inner;
    at = inner;
  }
  at[path.at(-1) ?? ''] = value;
}
