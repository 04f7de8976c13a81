import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';

import { dashboardFiles } from '../../logstash/build/dashboard-files.ts';
import { templateFiles } from '../../logstash/build/template-files.ts';
import { projectRoot } from '../shared.ts';

const BUILDERS = [
  { command: 'npm run fields:build', files: templateFiles() },
  { command: 'npm run dashboards:build', files: dashboardFiles() },
];

describe('the generated files of logstash/', () => {
  for (const { command, files } of BUILDERS) {
    for (const [path, text] of files) {
      it(`${path} is what \`${command}\` writes`, () => {
        assert.equal(readFileSync(join(projectRoot(), path), 'utf8'), text, `stale: ${command}`);
      });
    }
  }

  it('include every file of their folders, so that none outlives its source', () => {
    const known = new Set(BUILDERS.flatMap(({ files }) => [...files.keys()]));
    for (const folder of [
      'logstash/elastic',
      'logstash/opensearch',
      'logstash/detections/kql',
      'logstash/detections/esql',
    ]) {
      const found = readdirSync(join(projectRoot(), folder)).filter((name) =>
        /\.(json|ndjson|kql|esql)$/.test(name),
      );
      assert.deepEqual(
        found.filter((name) => !known.has(`${folder}/${name}`)),
        [],
      );
    }
  });
});
