import { DASHBOARD } from './dashboard-content.ts';
import { baseRule, type Detections, readDetections } from './detections.ts';
import type { Engine } from './mapping.ts';
import {
  dashboardObject,
  dataView,
  ndjson,
  panelObject,
  type SavedQuery,
  searchObject,
} from './saved-objects.ts';
import { esqlOf, esqlOfCorrelation, kqlOf } from './sigma-queries.ts';
import type { Files } from './write-files.ts';

/** Dashboards and detections, as files to import, and the detections as text to copy. */
export function dashboardFiles(): Files {
  const detections = readDetections();
  return new Map([
    ['logstash/elastic/dashboards.ndjson', dashboards('elastic')],
    ['logstash/opensearch/dashboards.ndjson', dashboards('opensearch')],
    [
      'logstash/elastic/detections.ndjson',
      searches([...kqlSearches(detections), ...esqlSearches(detections)], 'elastic'),
    ],
    ['logstash/opensearch/detections.ndjson', searches(kqlSearches(detections), 'opensearch')],
    ...queryFiles(detections),
  ]);
}

function dashboards(engine: Engine): string {
  return ndjson(
    [dataView(), ...DASHBOARD.panels.map(panelObject), dashboardObject(DASHBOARD, engine)],
    engine,
  );
}

function searches(queries: readonly SavedQuery[], engine: Engine): string {
  return ndjson([dataView(), ...queries.map(searchObject)], engine);
}

function kqlSearches({ rules }: Detections): SavedQuery[] {
  return [...rules.values()].map((rule) => ({
    id: `detrails-detection-${rule.name}`,
    title: rule.title,
    description: rule.description,
    columns: rule.fields,
    query: { kql: kqlOf(rule) },
  }));
}

function esqlSearches(detections: Detections): SavedQuery[] {
  const ofRules = [...detections.rules.values()].map((rule) => ({
    id: `detrails-detection-${rule.name}-esql`,
    title: `${rule.title} (ES|QL)`,
    description: rule.description,
    columns: [],
    query: { esql: esqlOf(rule) },
  }));
  const ofCorrelations = [...detections.correlations.values()].map((correlation) => ({
    id: `detrails-detection-${correlation.name}-esql`,
    title: `${correlation.title} (ES|QL)`,
    description: correlation.description,
    columns: [],
    query: { esql: esqlOfCorrelation(correlation, baseRule(detections, correlation)) },
  }));
  return [...ofRules, ...ofCorrelations];
}

function queryFiles(detections: Detections): [string, string][] {
  const { rules, correlations } = detections;
  return [
    ...[...rules.values()].flatMap((rule): [string, string][] => [
      [`logstash/detections/kql/${rule.name}.kql`, `${kqlOf(rule)}\n`],
      [`logstash/detections/esql/${rule.name}.esql`, `${esqlOf(rule)}\n`],
    ]),
    ...[...correlations.values()].map((one): [string, string] => [
      `logstash/detections/esql/${one.name}.esql`,
      `${esqlOfCorrelation(one, baseRule(detections, one))}\n`,
    ]),
  ];
}
