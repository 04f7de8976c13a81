import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { freePort } from '../store/redis-server.ts';
import type { RuleFile } from './committed.ts';
import { type Cleanup, endProcess, until } from './service-process.ts';

/** A real Prometheus that scrapes every half second. */
export type PrometheusServer = {
  /** GET of its HTTP API: the member `data` of the answer. */
  get(path: string): Promise<unknown>;
  /** An instant query: its series. */
  query(expr: string): Promise<readonly Sample[]>;
  /** Waits until the named alert fires. */
  fires(alert: string, withinMs: number): Promise<void>;
};

export type Sample = {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [number, string];
};

/** Starts Prometheus on loopback with these targets and rules, in a directory of its own. */
export async function startPrometheus(
  t: Cleanup,
  program: string,
  target: string,
  rules: Readonly<Record<string, RuleFile>>,
): Promise<PrometheusServer> {
  const directory = mkdtempSync(join(tmpdir(), 'detrails-prometheus-'));
  for (const [name, file] of Object.entries(rules)) writeFileSync(join(directory, name), stringify(file));
  const config = {
    global: { scrape_interval: '500ms', scrape_timeout: '400ms', evaluation_interval: '500ms' },
    rule_files: Object.keys(rules),
    scrape_configs: [{ job_name: 'detrails', static_configs: [{ targets: [target] }] }],
  };
  writeFileSync(join(directory, 'prometheus.yml'), stringify(config));
  const port = await freePort();
  const child = spawn(
    program,
    [
      `--config.file=${join(directory, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(directory, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--log.level=error',
    ],
    { stdio: 'ignore' },
  );
  t.after(async () => {
    await endProcess(child, 'SIGKILL');
    rmSync(directory, { recursive: true, force: true });
  });
  const base = `http://127.0.0.1:${port}`;
  await until(
    30_000,
    () => isReady(base),
    () => 'Prometheus',
  );

  const get = async (path: string): Promise<unknown> => {
    const answer = (await (await fetch(base + path)).json()) as {
      status: string;
      data: unknown;
      error?: string;
    };
    assert.equal(answer.status, 'success', `${path}: ${answer.error}`);
    return answer.data;
  };
  const query = async (expr: string): Promise<readonly Sample[]> => {
    const { result } = (await get(`/api/v1/query?query=${encodeURIComponent(expr)}`)) as { result: Sample[] };
    return result;
  };
  return {
    get,
    query,
    fires: (alert, withinMs) =>
      until(
        withinMs,
        async () => (await query(`ALERTS{alertname="${alert}", alertstate="firing"}`)).length > 0,
        () => alert,
      ),
  };
}

async function isReady(base: string): Promise<boolean> {
  try {
    return (await fetch(`${base}/-/ready`)).ok;
  } catch {
    return false;
  }
}
