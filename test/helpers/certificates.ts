import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Paths of a certificate and its key. */
export type Issued = { readonly cert: string; readonly key: string };

/** Whether certificates can be made here. */
export function hasOpenssl(): boolean {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** A certificate authority that lives in a folder as long as a test does. */
export class TestAuthority {
  readonly cert: string;
  readonly #folder: string;
  readonly #name: string;

  constructor(folder: string, name: string) {
    this.#folder = folder;
    this.#name = name;
    this.cert = join(folder, `${name}.pem`);
    openssl(
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
      '-nodes',
      '-days',
      '2',
      '-subj',
      `/CN=${name}`,
      '-keyout',
      join(folder, `${name}.key`),
      '-out',
      this.cert,
    );
  }

  /** Issues a certificate for 127.0.0.1, good for servers and clients alike. */
  issue(name: string): Issued {
    const file = (suffix: string) => join(this.#folder, `${name}.${suffix}`);
    openssl(
      'req',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
      '-nodes',
      '-subj',
      `/CN=${name}`,
      '-keyout',
      file('key'),
      '-out',
      file('csr'),
    );
    writeFileSync(file('ext'), 'subjectAltName=IP:127.0.0.1\n');
    openssl(
      'x509',
      '-req',
      '-in',
      file('csr'),
      '-CA',
      this.cert,
      '-CAkey',
      join(this.#folder, `${this.#name}.key`),
      '-CAcreateserial',
      '-days',
      '2',
      '-extfile',
      file('ext'),
      '-out',
      file('pem'),
    );
    return { cert: file('pem'), key: file('key') };
  }
}

/** The text of a PEM file. */
export function pem(path: string): string {
  return readFileSync(path, 'utf8');
}

function openssl(...options: readonly string[]): void {
  execFileSync('openssl', options, { stdio: 'pipe' });
}
