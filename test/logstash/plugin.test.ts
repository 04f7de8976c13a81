import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';

import { projectRoot } from '../shared.ts';
import { RSPEC_IS_MISSING } from './pipeline-runner.ts';

const PLUGIN = join(projectRoot(), 'logstash/plugin');

describe('logstash-filter-detrails', () => {
  it('passes its own examples', { skip: RSPEC_IS_MISSING }, () => {
    const { status, stdout, stderr } = spawnSync('rspec', ['--no-color'], { cwd: PLUGIN, encoding: 'utf8' });

    assert.equal(status, 0, stdout + stderr);
    assert.match(stdout, /\d+ examples, 0 failures/);
  });

  it('documents every option that it has', () => {
    const source = readFileSync(join(PLUGIN, 'lib/logstash/filters/detrails.rb'), 'utf8');
    const readme = readFileSync(join(PLUGIN, 'README.md'), 'utf8');
    const options = [...source.matchAll(/^ {2}config :(\w+)/gm)].map((match) => match[1] ?? '');

    assert.ok(options.length >= 9);
    for (const option of options) assert.ok(readme.includes(`| \`${option}\` |`), option);
  });

  it('documents every reason that it writes onto an event', () => {
    const sources = ['detrails.rb', 'detrails/transport.rb'].map((file) =>
      readFileSync(join(PLUGIN, 'lib/logstash/filters', file), 'utf8'),
    );
    const readme = readFileSync(join(PLUGIN, 'README.md'), 'utf8');
    const reasons = sources.join('\n').matchAll(/(?:fail_(?:one|all)\([^,]+, |return |^ {4})'([a-z_]+)'/gm);

    const found = new Set([...reasons].map((match) => match[1] ?? ''));
    assert.deepEqual([...found].sort(), [
      'bad_item',
      'connection',
      'count_mismatch',
      'internal',
      'no_source',
      'refused',
      'timeout',
    ]);
    for (const reason of found) assert.ok(readme.includes(`\`${reason}\``), reason);
  });
});
