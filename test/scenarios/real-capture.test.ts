import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';

import { readDetections } from '../../logstash/build/detections.ts';
import { buildApp } from '../../src/app.ts';
import { loadConfig } from '../../src/config.ts';
import { sharedPath } from '../shared.ts';
import { type Enrichment, firing, indexed } from './scenario.ts';

const CAPTURE = sharedPath('corpora/invictus.jsonl');

describe('the detections on a real attack capture', {
  skip: CAPTURE === undefined && 'shared/ is not here',
}, () => {
  it('fire once for the stolen instance credentials, and for both administrative policies', async () => {
    const records = readFileSync(CAPTURE ?? '', 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    const app = await buildApp(loadConfig({}));
    const response = await app.inject({
      method: 'POST',
      url: '/v1/enrich?output=enrichments',
      headers: { 'content-type': 'application/json' },
      payload: JSON.stringify({ Records: records }),
    });
    await app.close();

    const { enrichments } = response.json() as { enrichments: Enrichment[] };
    const detections = readDetections();
    const counts = new Map<string, number>();
    records.forEach((record, index) => {
      for (const rule of firing(detections, indexed(record, enrichments[index] as Enrichment))) {
        counts.set(rule, (counts.get(rule) ?? 0) + 1);
      }
    });

    assert.equal(counts.get('key-used-elsewhere'), 1);
    assert.equal(counts.get('admin-policy-given'), 2);
    assert.equal(counts.get('policy-grew') ?? 0, 0);
  });
});
