import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';

import { projectRoot } from '../shared.ts';

/** What left the pipeline: by which output, with which document id. */
export type Delivery = {
  readonly output: string;
  readonly id?: string;
  readonly event: Readonly<Record<string, unknown>>;
};

export type PipelineRun = {
  /** A file of `logstash/pipelines/`. */
  readonly pipeline: string;
  readonly url: string;
  readonly events: readonly unknown[];
  readonly batchSize?: number;
  /** In place of the pipeline's own, so that a slow service need not be waited for. */
  readonly socketTimeoutSeconds?: number;
  /** Called when the pipeline begins to wait for the service, and again every time it looks. */
  readonly onWaiting?: () => void;
};

/** Whether Ruby is here; the tests that need it say so and are skipped elsewhere. */
export const RUBY_IS_MISSING =
  spawnSync('ruby', ['--version']).status === 0 ? false : 'Ruby is not installed';
export const RSPEC_IS_MISSING =
  spawnSync('rspec', ['--version']).status === 0 ? false : 'RSpec is not installed';

/**
 * Runs a pipeline with the stand-in for Logstash in `runner/`: the real configuration file, the real plugin,
 * real HTTP, and small copies of the stock filters.
 */
export async function runPipeline(run: PipelineRun): Promise<readonly Delivery[]> {
  const child = spawn(
    'ruby',
    [
      join(projectRoot(), 'test/logstash/runner/run.rb'),
      join(projectRoot(), 'logstash/pipelines', run.pipeline),
      String(run.batchSize ?? 125),
      ...(run.socketTimeoutSeconds === undefined ? [] : [String(run.socketTimeoutSeconds)]),
    ],
    { env: { ...process.env, DETRAILS_URL: run.url } },
  );
  child.stdin.end(run.events.map((event) => `${JSON.stringify(event)}\n`).join(''));
  const { out, err, code } = await collect(child, run.onWaiting);
  if (code !== 0) throw new Error(`${run.pipeline} ended with ${code}: ${err.slice(0, 2000)}`);
  return out
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Delivery);
}

function collect(child: ChildProcess, onWaiting: (() => void) | undefined) {
  let out = '';
  let err = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    err += text;
    if (text.includes('waiting')) onWaiting?.();
  });
  return new Promise<{ out: string; err: string; code: number | null }>((resolve) => {
    child.on('close', (code) => resolve({ out, err, code }));
  });
}
