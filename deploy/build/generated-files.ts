import { type Files, jsonText } from '../../logstash/build/write-files.ts';
import { VERSION } from '../../src/version.ts';
import { DASHBOARDS } from './dashboards.ts';
import { grafanaDashboard } from './grafana.ts';
import { prometheusRule, ruleGroups } from './kubernetes-rules.ts';
import { valuesSchema } from './values-schema.ts';

const CHART = 'deploy/helm/detrails';

/** Everything below deploy/ that is generated. A test compares it with what is committed. */
export function generatedFiles(): Files {
  const files = new Map<string, string>();
  for (const [name, dashboard] of Object.entries(DASHBOARDS)) {
    const text = jsonText(grafanaDashboard(dashboard));
    files.set(`deploy/grafana/${name}.json`, text);
    // A chart holds everything it installs.
    files.set(`${CHART}/files/${name}.json`, text);
  }
  files.set(`${CHART}/files/rules.yaml`, ruleGroups());
  files.set(`${CHART}/values.schema.json`, jsonText(valuesSchema()));
  files.set('deploy/kubernetes/components/monitoring/prometheus-rule.yaml', prometheusRule(VERSION));
  return files;
}
