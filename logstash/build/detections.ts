import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { parseCorrelation, parseRule, type SigmaCorrelation, type SigmaRule } from './sigma.ts';

/** The detections of `logstash/detections/sigma/`, by name. */
export type Detections = {
  readonly rules: ReadonlyMap<string, SigmaRule>;
  readonly correlations: ReadonlyMap<string, SigmaCorrelation>;
};

const FOLDER = 'logstash/detections/sigma';
const CORRELATION = '.correlation.yml';

/** Reads them from below the project's root. */
export function readDetections(): Detections {
  const files = readdirSync(join(process.cwd(), FOLDER))
    .filter((file) => file.endsWith('.yml'))
    .sort();
  const read = (file: string): string => readFileSync(join(process.cwd(), FOLDER, file), 'utf8');
  const rules = files
    .filter((file) => !file.endsWith(CORRELATION))
    .map((file) => parseRule(nameOf(file), read(file)));
  const correlations = files
    .filter((file) => file.endsWith(CORRELATION))
    .map((file) => parseCorrelation(nameOf(file), read(file)));
  return {
    rules: new Map(rules.map((rule) => [rule.name, rule])),
    correlations: new Map(correlations.map((correlation) => [correlation.name, correlation])),
  };
}

/** The rule a correlation counts. */
export function baseRule({ rules }: Detections, correlation: SigmaCorrelation): SigmaRule {
  const base = rules.get(correlation.rule);
  if (base === undefined) throw new Error(`${correlation.name}: no rule ${correlation.rule}`);
  return base;
}

function nameOf(file: string): string {
  return file.replace(/(\.correlation)?\.yml$/, '');
}
