/**
 * A CycloneDX bill of materials from a lockfile. Without time stamp and serial number: the same lockfile
 * gives the same text.
 *
 * @see https://cyclonedx.org/docs/1.6/json/
 */

/** What is read of `package-lock.json` (lockfileVersion 3). */
export type Lockfile = {
  readonly name: string;
  readonly version: string;
  readonly lockfileVersion: number;
  readonly packages: { readonly [path: string]: LockedPackage };
};

export type LockedPackage = {
  readonly name?: string;
  readonly version?: string;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly license?: string;
  readonly dev?: boolean;
  readonly optional?: boolean;
  readonly hasInstallScript?: boolean;
  readonly dependencies?: { readonly [name: string]: string };
  readonly optionalDependencies?: { readonly [name: string]: string };
};

export type Component = {
  readonly type: 'library';
  readonly 'bom-ref': string;
  readonly name: string;
  readonly version: string;
  readonly scope: 'required' | 'optional';
  readonly purl: string;
  readonly hashes?: readonly { readonly alg: 'SHA-512'; readonly content: string }[];
  readonly licenses?: readonly (
    | { readonly license: { readonly id: string } }
    | { readonly expression: string }
  )[];
  readonly externalReferences?: readonly { readonly type: 'distribution'; readonly url: string }[];
};

export type Bom = {
  readonly bomFormat: 'CycloneDX';
  readonly specVersion: '1.6';
  readonly version: 1;
  readonly metadata: { readonly component: object };
  readonly components: readonly Component[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
};

/** The runtime packages of a lockfile and what needs what. */
export function cycloneDx(lock: Lockfile, license: string): Bom {
  const paths = Object.keys(lock.packages)
    .filter((path) => path !== '' && lock.packages[path]?.dev !== true)
    .sort();
  const root = `pkg:npm/${lock.name}@${lock.version}`;
  const components = new Map<string, Component>();
  const needs = new Map<string, Set<string>>([[root, dependenciesOf(lock, '')]]);
  for (const path of paths) {
    const locked = lock.packages[path] as LockedPackage;
    const purl = purlOf(path, locked);
    components.set(purl, componentOf(path, locked));
    needs.set(purl, new Set([...(needs.get(purl) ?? []), ...dependenciesOf(lock, path)]));
  }
  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: {
      component: {
        type: 'application',
        'bom-ref': root,
        name: lock.name,
        version: lock.version,
        purl: root,
        licenses: [{ license: { id: license } }],
      },
    },
    components: [...components.values()].sort((a, b) => (a.purl < b.purl ? -1 : 1)),
    dependencies: [...needs]
      .map(([ref, dependsOn]) => ({ ref, dependsOn: [...dependsOn].sort() }))
      .sort((a, b) => (a.ref < b.ref ? -1 : 1)),
  };
}

function componentOf(path: string, locked: LockedPackage): Component {
  const { integrity, license, resolved, optional, version = '' } = locked;
  const purl = purlOf(path, locked);
  const digest = /^sha512-(.+)$/.exec(integrity ?? '')?.[1];
  return {
    type: 'library',
    'bom-ref': purl,
    name: nameOf(path, locked),
    version,
    scope: optional === true ? 'optional' : 'required',
    purl,
    ...(digest !== undefined && {
      hashes: [{ alg: 'SHA-512' as const, content: Buffer.from(digest, 'base64').toString('hex') }],
    }),
    ...(license !== undefined && {
      licenses: [/ (OR|AND|WITH) /.test(license) ? { expression: license } : { license: { id: license } }],
    }),
    ...(resolved !== undefined && { externalReferences: [{ type: 'distribution' as const, url: resolved }] }),
  };
}

/** What a package asks for, as Node finds it: in its own `node_modules` first, then outwards. */
function dependenciesOf(lock: Lockfile, path: string): Set<string> {
  const { dependencies = {}, optionalDependencies = {} } = lock.packages[path] ?? {};
  const found = new Set<string>();
  for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) {
    for (let from = path; ; from = from.slice(0, Math.max(0, from.lastIndexOf('node_modules/') - 1))) {
      const candidate = `${from === '' ? '' : `${from}/`}node_modules/${name}`;
      const locked = lock.packages[candidate];
      if (locked !== undefined) found.add(purlOf(candidate, locked));
      if (locked !== undefined || from === '') break;
    }
  }
  return found;
}

function nameOf(path: string, locked: LockedPackage): string {
  return locked.name ?? path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
}

/** @see https://github.com/package-url/purl-spec/blob/main/types-doc/npm-definition.md */
function purlOf(path: string, locked: LockedPackage): string {
  return `pkg:npm/${nameOf(path, locked).replace('@', '%40')}@${locked.version ?? ''}`;
}
