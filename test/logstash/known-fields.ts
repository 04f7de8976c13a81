import { detrailsFields, leafNames } from '../../logstash/build/fields.ts';
import { COPIES } from '../../logstash/build/record-fields.ts';
import { THREAT_FIELDS } from '../../logstash/build/threat-fields.ts';

/** Every field that a panel, a rule or a query may name: the output's, ECS's and Elastic's own. */
export function knownFields(): ReadonlySet<string> {
  return new Set([
    ...leafNames(detrailsFields()),
    ...THREAT_FIELDS.map(([name]) => name),
    ...Object.keys(COPIES),
    '@timestamp',
    'tags',
  ]);
}

/** Every field that a KQL query names. */
export function fieldsOfKql(query: string): readonly string[] {
  const withoutText = query.replaceAll(/"[^"]*"/g, '""');
  return [...withoutText.matchAll(/([@a-z][\w.@]*)\s*(?::|>=|<=|>|<)/gi)].map((match) => match[1] ?? '');
}
