import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { generatedFiles } from '../../deploy/build/generated-files.ts';
import { projectRoot } from '../shared.ts';
import { readText } from './committed.ts';

describe('generated files of deploy/', () => {
  for (const [path, text] of generatedFiles()) {
    it(`${path} is what npm run deploy:build writes`, () => {
      assert.equal(readText(path), text);
    });
  }

  it('there is no dashboard that nothing generates', () => {
    const dashboards = readdirSync(join(projectRoot(), 'deploy/grafana')).filter((name) =>
      name.endsWith('.json'),
    );

    assert.deepEqual(
      dashboards.filter((name) => !generatedFiles().has(`deploy/grafana/${name}`)),
      [],
    );
  });

  it('panels of a dashboard do not overlap and stay within 24 columns', () => {
    for (const [path, text] of generatedFiles()) {
      if (!path.startsWith('deploy/grafana/')) continue;
      const { panels } = JSON.parse(text) as { panels: { gridPos: Box }[] };
      const boxes = panels.map(({ gridPos }) => gridPos);
      for (const [index, box] of boxes.entries()) {
        assert.ok(box.x + box.w <= 24, path);
        assert.deepEqual(
          boxes.slice(index + 1).filter((other) => overlap(box, other)),
          [],
          path,
        );
      }
    }
  });
});

type Box = { readonly x: number; readonly y: number; readonly w: number; readonly h: number };

function overlap(a: Box, b: Box): boolean {
  return a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;
}
