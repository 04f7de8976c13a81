import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { SET_BY_CHART } from '../../deploy/build/values-schema.ts';
import { loadConfig, OPTIONS } from '../../src/config.ts';
import { parseCompanyFile } from '../../src/context/parse-company-file.ts';
import { projectRoot } from '../shared.ts';
import {
  type KubernetesTools,
  type Manifest,
  normalized,
  openKubernetesTools,
  skipWithoutTools,
  TOOLS,
  typeFaults,
} from './kubernetes-tools.ts';

const VALKEY = ['-f', join(projectRoot(), 'deploy/helm/detrails/values-valkey.yaml')];
const MONITORING = ['serviceMonitor', 'prometheusRule', 'grafanaDashboards'].flatMap((one) => [
  '--set',
  `${one}.enabled=true`,
]);
/** Each overlay of Kustomize, and the values with which the chart must render the same. */
const SAME: readonly (readonly [overlay: string, values: readonly string[]])[] = [
  ['memory', []],
  ['valkey', VALKEY],
  ['valkey-monitoring', [...VALKEY, ...MONITORING]],
];
const EVERYTHING = [
  ...VALKEY,
  ...MONITORING,
  '--set',
  'valkey.enabled=false,store.existingSecret=detrails-store,auth.mode=mtls,tls.existingSecret=detrails-tls,image.digest=sha256:'.concat(
    '0'.repeat(64),
  ),
  '--set-json',
  'extraEnv=[{"name":"AWS_REGION","value":"eu-west-1"}]',
  '--set-json',
  'networkPolicy.egress=[{"ports":[{"port":443,"protocol":"TCP"}]}]',
];

describe('Kubernetes manifests', { skip: skipWithoutTools }, () => {
  let tools: KubernetesTools;
  let rendered: readonly (readonly [name: string, manifests: readonly Manifest[]])[] = [];

  before(() => {
    tools = openKubernetesTools();
    rendered = [
      ...SAME.map(
        ([overlay]) => [overlay, tools.kustomize(`deploy/kubernetes/overlays/${overlay}`)] as const,
      ),
      ['every switch of the chart', tools.helm(EVERYTHING)],
    ];
  });
  after(() => tools?.close());

  for (const [overlay, values] of SAME) {
    it(`the chart renders what the overlay ${overlay} renders`, () => {
      const kustomized = tools.kustomize(`deploy/kubernetes/overlays/${overlay}`);

      assert.deepEqual(normalized(tools.helm(values)), normalized(kustomized));
    });
  }

  it('has the objects that a platform expects', () => {
    const kinds = (rendered.find(([name]) => name === 'valkey-monitoring')?.[1] ?? []).map(
      ({ kind }) => kind,
    );

    for (const kind of [
      'Deployment',
      'Service',
      'ServiceAccount',
      'ConfigMap',
      'HorizontalPodAutoscaler',
      'PodDisruptionBudget',
      'NetworkPolicy',
      'ServiceMonitor',
      'PrometheusRule',
    ]) {
      assert.ok(kinds.includes(kind), kind);
    }
  });

  it('fits the schemas of Kubernetes 1.36 and of the Prometheus Operator', async () => {
    for (const [name, manifests] of rendered) {
      for (const manifest of manifests) {
        const Model = await modelOf(manifest);
        const validate = (): void => new Model(manifest).validate();
        assert.doesNotThrow(validate, `${name}: ${manifest.kind} ${manifest.metadata.name}`);
      }
    }
  });

  it('has no member that the types of Kubernetes 1.36 and 1.30 do not know', () => {
    const manifests = rendered.flatMap(([, some]) => some);

    assert.equal(typeFaults(manifests, newestType), '');
    assert.equal(typeFaults(manifests, oldestType), '');
  });

  it('a misspelled member or a wrong value would be found', async () => {
    const service: Manifest = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'x' },
      spec: { prots: [] },
    };
    const Model = await modelOf(service);

    assert.match(typeFaults([service], newestType), /prots.* does not exist/);
    assert.match(typeFaults([service], oldestType), /prots.* does not exist/);
    assert.throws(
      () => new Model({ ...service, spec: { ports: [{ port: 'http' }] } }).validate(),
      /must be integer/,
    );
  });

  it('every pod keeps to the restricted profile, on a read-only root and without service links', () => {
    for (const { name, pod } of pods(rendered)) {
      assert.equal(pod.enableServiceLinks, false, name);
      assert.equal(pod.automountServiceAccountToken, false, name);
      assert.equal(pod.securityContext.runAsNonRoot, true, name);
      assert.equal(pod.securityContext.seccompProfile.type, 'RuntimeDefault', name);
      for (const volume of pod.volumes) {
        const [kind] = Object.keys(volume).filter((member) => member !== 'name');
        assert.ok(['secret', 'configMap', 'emptyDir'].includes(kind ?? ''), `${name}: ${kind}`);
      }
      for (const container of pod.containers) {
        const { allowPrivilegeEscalation, readOnlyRootFilesystem, capabilities } = container.securityContext;
        assert.deepEqual([allowPrivilegeEscalation, readOnlyRootFilesystem], [false, true], name);
        assert.deepEqual(capabilities, { drop: ['ALL'] }, name);
        assert.ok(container.resources.limits.memory !== undefined, name);
      }
    }
  });

  it('the service accepts the environment that every Deployment gives it', () => {
    for (const { name, pod } of pods(rendered)) {
      for (const { env } of pod.containers.filter((container) => container.name === 'detrails')) {
        const given = Object.fromEntries(env.map((one) => [one.name, one.value]));
        const config = loadConfig(given);
        assert.equal(config.DETRAILS_HOST, '0.0.0.0', name);
        assert.ok(pod.terminationGracePeriodSeconds * 1000 > config.DETRAILS_DRAIN_MS + 5000, name);
      }
    }
  });

  it('the company file of the ConfigMap is one', () => {
    const maps = rendered
      .flatMap(([, some]) => some)
      .filter(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === 'detrails-context');

    assert.ok(maps.length > 0);
    for (const { data } of maps) {
      const text = (data as Record<string, string>)['company.yaml'] ?? '';
      assert.equal(parseCompanyFile(text, 'yaml').ok, true, text);
    }
  });

  it('the chart passes helm lint --strict', () => {
    assert.match(tools.helmLint(VALKEY), /0 chart\(s\) failed/);
  });

  for (const [why, args, message] of [
    ['a misspelled option', ['--set', 'config.DETRAILS_PROT=1'], /'DETRAILS_PROT' not allowed/],
    ['an option that the chart sets', ['--set', 'config.DETRAILS_AUTH=none'], /'DETRAILS_AUTH' not allowed/],
    [
      'a number that YAML would write as 1e+08',
      ['--set', 'config.DETRAILS_MAX_RECORDS=100000000'],
      /got number, want string/,
    ],
    ['a misspelled value', ['--set', 'replica=2'], /'replica' not allowed/],
    ['replicas that share nothing', ['--set', 'replicas=2'], /several replicas need a shared store/],
    ['mutual TLS without certificates', ['--set', 'auth.mode=mtls'], /needs tls.existingSecret/],
  ] as const) {
    it(`the chart refuses ${why}`, () => {
      assert.throws(() => tools.helm(args), message);
    });
  }
});

it('what the chart sets itself are options of the service', () => {
  assert.deepEqual(
    SET_BY_CHART.filter((name) => !Object.hasOwn(OPTIONS, name)),
    [],
  );
});

type Model = new (manifest: object) => { validate(): void };
type Container = {
  readonly name: string;
  readonly env: readonly { readonly name: string; readonly value: string }[];
  readonly securityContext: {
    readonly allowPrivilegeEscalation?: boolean;
    readonly readOnlyRootFilesystem?: boolean;
    readonly capabilities?: object;
  };
  readonly resources: { readonly limits: { readonly memory?: string } };
};
type Pod = {
  readonly enableServiceLinks?: boolean;
  readonly automountServiceAccountToken?: boolean;
  readonly terminationGracePeriodSeconds: number;
  readonly securityContext: {
    readonly runAsNonRoot?: boolean;
    readonly seccompProfile: { readonly type: string };
  };
  readonly volumes: readonly object[];
  readonly containers: readonly Container[];
};

function pods(
  rendered: readonly (readonly [string, readonly Manifest[]])[],
): readonly { name: string; pod: Pod }[] {
  return rendered.flatMap(([name, manifests]) =>
    manifests
      .filter(({ kind }) => kind === 'Deployment')
      .map(({ metadata, spec }) => ({
        name: `${name}: ${metadata.name}`,
        pod: (spec as { template: { spec: Pod } }).template.spec,
      })),
  );
}

function isForeign({ apiVersion }: Manifest): boolean {
  return apiVersion.startsWith('monitoring.coreos.com/');
}

function modulePath(manifest: Manifest): string {
  const root = isForeign(manifest) ? '@kubernetes-models/prometheus-operator' : 'kubernetes-models';
  return `${root}/${manifest.apiVersion}/${manifest.kind}`;
}

async function modelOf(manifest: Manifest): Promise<Model> {
  const path = pathToFileURL(join(TOOLS, `${modulePath(manifest)}.js`)).href;
  const module = (await import(path)) as Readonly<Record<string, Model>>;
  const model = module[manifest.kind];
  assert.ok(model !== undefined, `no model of ${manifest.kind}`);
  return model;
}

/** Kubernetes 1.36, and the Prometheus Operator. */
function newestType(manifest: Manifest): string {
  return `import('${modulePath(manifest)}').I${manifest.kind}`;
}

/** Kubernetes 1.30, the oldest that the manifests are for. */
function oldestType(manifest: Manifest): string | undefined {
  if (isForeign(manifest)) return undefined;
  const group = manifest.apiVersion === 'v1' ? 'core/v1' : manifest.apiVersion.replace('.k8s.io', '');
  return `import('kubernetes-types/${group}.js').${manifest.kind}`;
}
