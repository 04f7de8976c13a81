import { detrailsFields } from './fields.ts';
import { fieldsPage } from './fields-page.ts';
import {
  fieldsTemplate,
  indexTemplate,
  ingestPipeline,
  integrationPipeline,
  integrationTemplate,
  lifecyclePolicy,
  recordTemplate,
  statePolicy,
} from './templates.ts';
import { type Files, jsonText } from './write-files.ts';

/** FIELDS.md and everything that goes into Elasticsearch or OpenSearch. */
export function templateFiles(): Files {
  return new Map([
    ['logstash/FIELDS.md', fieldsPage(detrailsFields())],
    ['logstash/elastic/component-fields.json', jsonText(fieldsTemplate('elastic'))],
    ['logstash/elastic/component-record.json', jsonText(recordTemplate('elastic'))],
    ['logstash/elastic/index-template.json', jsonText(indexTemplate('elastic'))],
    ['logstash/elastic/ingest-pipeline.json', jsonText(ingestPipeline())],
    ['logstash/elastic/ilm-policy.json', jsonText(lifecyclePolicy())],
    ['logstash/elastic/integration-component.json', jsonText(integrationTemplate())],
    ['logstash/elastic/integration-pipeline.json', jsonText(integrationPipeline())],
    ['logstash/opensearch/component-fields.json', jsonText(fieldsTemplate('opensearch'))],
    ['logstash/opensearch/component-record.json', jsonText(recordTemplate('opensearch'))],
    ['logstash/opensearch/index-template.json', jsonText(indexTemplate('opensearch'))],
    ['logstash/opensearch/ingest-pipeline.json', jsonText(ingestPipeline())],
    ['logstash/opensearch/ism-policy.json', jsonText(statePolicy())],
  ]);
}
