import { type Files, jsonText } from '../../logstash/build/write-files.ts';
import { DASHBOARDS } from './dashboards.ts';
import { grafanaDashboard } from './grafana.ts';

/** Everything below deploy/ that is generated. A test compares it with what is committed. */
export function generatedFiles(): Files {
  const files = new Map<string, string>();
  for (const [name, dashboard] of Object.entries(DASHBOARDS)) {
    files.set(`deploy/grafana/${name}.json`, jsonText(grafanaDashboard(dashboard)));
  }
  return files;
}
