import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { DASHBOARDS } from '../../deploy/build/dashboards.ts';
import { projectRoot } from '../shared.ts';

/** The text of a file of the project. */
export function readText(path: string): string {
  return readFileSync(join(projectRoot(), path), 'utf8');
}

/** A rule of Prometheus: one that records, or one that alerts. */
export type Rule = {
  readonly record?: string;
  readonly alert?: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
};

export type RuleFile = {
  readonly groups: readonly { readonly name: string; readonly rules: readonly Rule[] }[];
};

export const RULE_FILES = ['deploy/prometheus/rules.yml', 'deploy/prometheus/alerts.yml'] as const;

export function readRuleFile(path: string): RuleFile {
  return parse(readText(path)) as RuleFile;
}

/** Every rule of both files. */
export function allRules(): readonly Rule[] {
  return RULE_FILES.flatMap((path) => readRuleFile(path).groups.flatMap(({ rules }) => rules));
}

/** Every query of every panel. */
export function panelQueries(): readonly {
  readonly where: string;
  readonly expr: string;
  readonly legend: string;
}[] {
  return Object.entries(DASHBOARDS).flatMap(([name, { rows }]) =>
    rows.flatMap(({ panels }) =>
      panels.flatMap(({ title, queries }) =>
        queries.map(({ expr, legend = '' }) => ({ where: `${name}: ${title}`, expr, legend })),
      ),
    ),
  );
}
