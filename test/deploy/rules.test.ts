import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { projectRoot } from '../shared.ts';
import { allRules, RULE_FILES, readText } from './committed.ts';
import { findProgram, runProgram, skipWithout } from './tools.ts';

const promtool = findProgram('promtool');
const skip = skipWithout(promtool, 'promtool', 'DETRAILS_REQUIRE_PROMETHEUS');
const directory = join(projectRoot(), 'deploy/prometheus');
const alerts = allRules().filter(({ alert }) => alert !== undefined);

describe('Prometheus rules', () => {
  it('promtool accepts every rule and the example configuration', { skip }, () => {
    const checked = runProgram(promtool ?? '', ['check', 'config', 'scrape.yml'], directory);

    assert.match(checked, /SUCCESS: 2 rule files found/);
    assert.equal(checked.match(/(\d+) rules found/g)?.length, RULE_FILES.length);
  });

  for (const file of readdirSync(join(directory, 'tests'))) {
    it(`promtool's unit tests in ${file} pass`, { skip }, () => {
      runProgram(promtool ?? '', ['test', 'rules', `tests/${file}`], directory);
    });
  }

  it('every alert has a unit test that names it', () => {
    const tests = readdirSync(join(directory, 'tests'))
      .map((file) => readText(`deploy/prometheus/tests/${file}`))
      .join('\n');

    for (const { alert } of alerts) {
      assert.match(tests, new RegExp(`${alert}\\b|DetrailsSharedStore\\.\\*`), `${alert} has no test`);
    }
  });

  for (const { alert = '', annotations = {}, labels = {} } of alerts) {
    it(`${alert} says what it means, how bad it is and where its runbook is`, () => {
      assert.match(annotations['summary'] ?? '', /^.{10,80}$/);
      assert.match(annotations['description'] ?? '', /^.{30,400}$/);
      assert.equal(annotations['runbook_url'], `README.md#${alert.toLowerCase()}`);
      assert.match(labels['severity'] ?? '', /^(critical|warning)$/);
    });
  }

  const readme = existsSync(join(projectRoot(), 'README.md')) ? readText('README.md') : undefined;
  const noReadme = readme === undefined && 'there is no README.md';

  it('every alert has its section in the README', { skip: noReadme }, () => {
    const headings = new Set([...(readme ?? '').matchAll(/^#+ (.+)$/gm)].map(([, heading]) => heading));

    assert.deepEqual(
      alerts.map(({ alert }) => alert).filter((alert) => !headings.has(alert)),
      [],
    );
  });
});
