import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { freePort, skipWithoutServer, startServer, type TestServer } from '../store/redis-server.ts';
import { panelQueries, RULE_FILES, readRuleFile, readText } from './committed.ts';
import { type Load, startLoad } from './load.ts';
import { type PrometheusServer, startPrometheus } from './prometheus-server.ts';
import { quickRules } from './quick-rules.ts';
import { type ServiceProcess, startService, until } from './service-process.ts';
import { findProgram, skipWithout } from './tools.ts';

const program = findProgram('prometheus');
const skip = skipWithout(program, 'prometheus', 'DETRAILS_REQUIRE_PROMETHEUS') || skipWithoutServer();
/** How long anything may take to show: many times what it takes. */
const SHOWS_MS = 40_000;
const MOST_REQUESTS = 20_000;
const BODY_BYTES = 65_536;

describe('a real Prometheus scrapes a real instance under load', { skip }, () => {
  const cleanups: (() => Promise<void>)[] = [];
  const t = { after: (cleanup: () => Promise<void>) => void cleanups.push(cleanup) };
  const directory = mkdtempSync(join(tmpdir(), 'detrails-operate-'));
  const company = join(directory, 'company.yaml');
  let env: Record<string, string> = {};
  let store: TestServer;
  let service: ServiceProcess;
  let prometheus: PrometheusServer;
  let load: Load;

  before(async () => {
    writeFileSync(company, readText('test/fixtures/company.yaml'));
    store = await startServer(t);
    const port = await freePort();
    env = {
      DETRAILS_PORT: String(port),
      DETRAILS_STORE_URL: `redis://127.0.0.1:${store.port}`,
      DETRAILS_CONTEXT_FILE: company,
      DETRAILS_MAX_BODY_BYTES: String(BODY_BYTES),
      DETRAILS_ADMISSION_BYTES: String(BODY_BYTES),
      DETRAILS_ADMISSION_WAIT_MS: '1500',
      // A resolver whose IAM does not answer: nothing listens on the discard port of loopback.
      DETRAILS_POLICY_RESOLVER: 'aws',
      DETRAILS_POLICY_RESOLVER_ACCOUNT: '123456789012',
      DETRAILS_POLICY_RESOLVER_ENDPOINT: 'http://127.0.0.1:9',
      AWS_ACCESS_KEY_ID: 'none',
      AWS_SECRET_ACCESS_KEY: 'none',
      AWS_REGION: 'us-east-1',
      AWS_EC2_METADATA_DISABLED: 'true',
    };
    service = await startService(t, env);
    const rules = Object.fromEntries(
      RULE_FILES.map((path) => [path.split('/').at(-1) ?? '', quickRules(readRuleFile(path))]),
    );
    prometheus = await startPrometheus(t, program ?? '', `127.0.0.1:${port}`, rules);
    load = startLoad(t, service.url, MOST_REQUESTS);
  });

  after(async () => {
    for (const cleanup of cleanups.reverse()) await cleanup();
    rmSync(directory, { recursive: true, force: true });
  });

  it('its target is up and records are counted', async () => {
    await until(SHOWS_MS, async () => (await prometheus.query('up{job="detrails"} == 1')).length === 1);
    await until(
      SHOWS_MS,
      async () => (await prometheus.query('rate(detrails_batch_records_sum[5s]) > 10')).length === 1,
    );
  });

  it('it has loaded every rule, and none fails', async () => {
    const expected = RULE_FILES.flatMap((path) =>
      readRuleFile(path).groups.flatMap(({ rules }) => rules),
    ).length;
    type Loaded = { groups: { rules: { health: string; name: string; lastError?: string }[] }[] };
    let rules: Loaded['groups'][number]['rules'] = [];
    const evaluated = async (): Promise<boolean> => {
      rules = ((await prometheus.get('/api/v1/rules')) as Loaded).groups.flatMap((group) => group.rules);
      return rules.every(({ health }) => health !== 'unknown');
    };

    await until(SHOWS_MS, evaluated);

    assert.equal(rules.length, expected);
    assert.deepEqual(
      rules.filter(({ health }) => health !== 'ok'),
      [],
    );
  });

  for (const { where, expr } of panelQueries()) {
    it(`the panel "${where}" has data (${expr.slice(0, 50)})`, async () => {
      const concrete = expr
        .replaceAll('$scope', 'namespace=~".*", job=~"detrails"')
        .replaceAll('$__rate_interval', '5s')
        .replaceAll('$__range', '60s');

      await until(
        SHOWS_MS,
        async () => (await prometheus.query(concrete)).some(({ value }) => value[1] !== 'NaN'),
        () => concrete,
      );
    });
  }

  it('records that are none and operations that nobody knows raise their alerts', async () => {
    await prometheus.fires('DetrailsRecordErrors', SHOWS_MS);
    await prometheus.fires('DetrailsUnknownOperationsRising', SHOWS_MS);
  });

  it('a company file that becomes unusable raises its alert', async () => {
    writeFileSync(company, 'accounts: [');

    await prometheus.fires('DetrailsContextReloadFailed', SHOWS_MS);
    writeFileSync(company, readText('test/fixtures/company.yaml'));
  });

  it('a store that is killed raises its alerts, and they end when it is back', async () => {
    await store.kill();

    await prometheus.fires('DetrailsSharedStoreDown', SHOWS_MS);
    await prometheus.fires('DetrailsSharedStoreBreakerOpen', SHOWS_MS);

    await store.start();
    const firing = 'ALERTS{alertname=~"DetrailsSharedStore.*", alertstate="firing"}';
    await until(SHOWS_MS, async () => (await prometheus.query(firing)).length === 0);
  });

  it('bodies that hold the admission make others wait, slow and failed, and raise three alerts', async () => {
    const held = holdAdmission(service.url);
    const more = [1, 2, 3, 4].map(() => startLoad(t, service.url, MOST_REQUESTS));

    await prometheus.fires('DetrailsAdmissionQueueWaiting', SHOWS_MS);
    await prometheus.fires('DetrailsHighErrorRate', SHOWS_MS);
    await prometheus.fires('DetrailsHighLatency', SHOWS_MS);

    held.destroy();
    await Promise.all(more.map((one) => one.stop()));
  });

  it('no traffic raises its alert', async () => {
    await load.stop();

    await prometheus.fires('DetrailsNoTraffic', SHOWS_MS);
  });

  it('a process that starts again and again raises its alert', async () => {
    for (let times = 0; times < 4; times += 1) {
      const started = `process_start_time_seconds{job="detrails"}`;
      const before = (await prometheus.query(started))[0]?.value[1];
      await service.stop('SIGTERM');
      service = await startService(t, env);
      await until(SHOWS_MS, async () => {
        const now = (await prometheus.query(started))[0]?.value[1];
        return now !== undefined && now !== before;
      });
    }

    await prometheus.fires('DetrailsReplicaRestarting', SHOWS_MS);
  });

  it('an instance that is gone raises its alerts', async () => {
    await service.stop('SIGTERM');

    await prometheus.fires('DetrailsTargetDown', SHOWS_MS);
    await prometheus.fires('DetrailsAbsent', SHOWS_MS);
  });
});

/** Begins a body as large as everything that is let in, and never ends it. */
function holdAdmission(url: string): { destroy(): void } {
  const held = request(`${url}/v1/enrich`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'content-length': BODY_BYTES },
  });
  held.on('error', () => {});
  held.write('[');
  return held;
}
