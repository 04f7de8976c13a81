import type { Matcher, Selection, SigmaCorrelation, SigmaRule } from './sigma.ts';
import type { Condition } from './sigma-condition.ts';

/** Our own data streams and the AWS integration's. */
const INDEX = 'logs-cloudtrail.*,logs-aws.cloudtrail-*';

/** The rule in the Kibana Query Language, which OpenSearch Dashboards reads too. */
export function kqlOf(rule: SigmaRule): string {
  return write(rule.condition, rule.selections, true);
}

/**
 * The rule in ES|QL. The condition stays in KQL: an ES|QL comparison with a field of several values is null,
 * and most of ours have several.
 *
 * @see https://www.elastic.co/docs/reference/query-languages/esql/functions-operators/search-functions
 */
export function esqlOf(rule: SigmaRule): string {
  return [
    `FROM ${INDEX} METADATA _id, _index`,
    `| WHERE KQL("""${kqlOf(rule)}""")`,
    `| KEEP ${['@timestamp', '_id', '_index', ...rule.fields].join(', ')}`,
    '| SORT @timestamp DESC',
    '| LIMIT 1000',
  ].join('\n');
}

/** A correlation in ES|QL; KQL has none. */
export function esqlOfCorrelation(correlation: SigmaCorrelation, base: SigmaRule): string {
  const { field, groupBy, gte, timespanMinutes } = correlation;
  return [
    `FROM ${INDEX}`,
    `| WHERE KQL("""${kqlOf(base)}""")`,
    `| STATS distinct = COUNT_DISTINCT(${field}), seen = VALUES(${field}), events = COUNT(*) BY ${groupBy}, span = BUCKET(@timestamp, ${timespanMinutes} minutes)`,
    `| WHERE distinct >= ${gte}`,
    '| SORT span DESC',
    '| LIMIT 1000',
  ].join('\n');
}

function write(condition: Condition, selections: ReadonlyMap<string, Selection>, outermost: boolean): string {
  switch (condition.kind) {
    case 'name':
      return selectionText(selections.get(condition.name) ?? []);
    case 'not':
      return `not (${write(condition.of, selections, true)})`;
    default: {
      const parts = condition.of.map((one) => write(one, selections, false));
      return group(parts, condition.kind, outermost);
    }
  }
}

function selectionText(selection: Selection): string {
  const alternatives = selection.map((all) => group(all.map(matcherText), 'and', selection.length === 1));
  return group(alternatives, 'or', false);
}

function group(parts: readonly string[], word: 'and' | 'or', bare: boolean): string {
  const joined = parts.join(` ${word} `);
  return parts.length === 1 || bare ? joined : `(${joined})`;
}

function matcherText({ field, modifier, values }: Matcher): string {
  if (modifier === 'exists') return values.includes(true) ? `${field}: *` : `not ${field}: *`;
  if (modifier === 'gte') return `${field} >= ${values[0]}`;
  const texts = values.map((value) => valueText(String(value), modifier));
  return `${field}: ${texts.length === 1 ? texts[0] : `(${texts.join(' or ')})`}`;
}

function valueText(value: string, modifier: Matcher['modifier']): string {
  if (modifier === 'equals')
    return /^[\w.]+$/.test(value) ? value : `"${value.replaceAll(/["\\]/g, '\\$&')}"`;
  if (!/^[\w.:/-]+$/.test(value)) throw new Error(`no safe wildcard for ${value}`);
  const escaped = value.replaceAll(':', '\\:');
  return `${modifier === 'startswith' ? '' : '*'}${escaped}${modifier === 'endswith' ? '' : '*'}`;
}
