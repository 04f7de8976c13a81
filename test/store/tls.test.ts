import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Detrails } from '../../src/enrichment/output.ts';
import { hasOpenssl, TestAuthority } from '../helpers/certificates.ts';
import { replaceFile, temporaryFolder } from '../helpers/key-file.ts';
import { eventually, type Service, spawnService } from '../helpers/spawn-service.ts';
import { issueRecord, useRecord } from '../sessions/records.ts';
import { freePort, skipWithoutServer, startServer, type TestServer } from './redis-server.ts';

/**
 * TLS to the shared store: a real server's own TLS, real processes, because `NODE_EXTRA_CA_CERTS` is read when
 * a process starts, and an ACL user with no more rights than the README asks for.
 */

const skip = skipWithoutServer() || (!hasOpenssl() && 'openssl makes the certificates, and is not here');
const PASSWORD = 'p@ss/word';
const RIGHTS = '+evalsha +eval +hgetall +hset +hdel +pexpire +ping +info +client';
const HOME = '198.51.100.7';
const ELSEWHERE = '203.0.113.9';

test('replicas share what they know over TLS, as an ACL user', { skip }, async (t) => {
  const store = await startTlsStore(t);
  const environment = { NODE_EXTRA_CA_CERTS: store.ca, DETRAILS_STORE_URL_FILE: store.urlFile() };
  const issuer = await spawnService(t, { ...environment, DETRAILS_STORE_TIMEOUT_MS: '1000' });
  const user = await spawnService(t, { ...environment, DETRAILS_STORE_TIMEOUT_MS: '1000' });
  for (const replica of [issuer, user]) await eventually(async () => (await storeUp(replica)) === 1);

  const [issued] = await enrich(issuer, issueRecord({ key: 'SHARED', source: HOME }));
  const [used] = await enrich(user, useRecord({ key: 'SHARED', source: ELSEWHERE }));

  assert.equal(issued?.degraded, undefined);
  assert.equal(used?.degraded, undefined);
  assert.equal(used?.session?.verdict, 'different_source');
  assert.equal(used?.session?.revealed, true);
  const clients = await store.server.command('CLIENT', 'LIST');
  assert.equal(clients.split('\n').filter((line) => / name=detrails .* user=app /.test(line)).length, 2);
});

type Refusal = {
  readonly name: string;
  readonly why: string;
  environment(store: TlsStore, folder: string): Readonly<Record<string, string>>;
};

const REFUSALS: readonly Refusal[] = [
  {
    name: 'an authority that is not trusted',
    why: 'Without NODE_EXTRA_CA_CERTS only public authorities are.',
    environment: (store) => ({ DETRAILS_STORE_URL_FILE: store.urlFile() }),
  },
  {
    name: 'the certificate of another authority',
    why: 'Somebody in between has a certificate of his own.',
    environment: (store, folder) => ({
      NODE_EXTRA_CA_CERTS: new TestAuthority(folder, 'other').cert,
      DETRAILS_STORE_URL_FILE: store.urlFile(),
    }),
  },
  {
    name: 'a certificate for another host',
    why: 'The certificate is for 127.0.0.1 and not for localhost.',
    environment: (store) => ({
      NODE_EXTRA_CA_CERTS: store.ca,
      DETRAILS_STORE_URL_FILE: store.urlFile({ host: 'localhost' }),
    }),
  },
  {
    name: 'a wrong password',
    why: 'The server closes nothing, but answers nothing either.',
    environment: (store) => ({
      NODE_EXTRA_CA_CERTS: store.ca,
      DETRAILS_STORE_URL_FILE: store.urlFile({ password: 'wrong' }),
    }),
  },
];

test('a replica behind a TLS store that it must refuse works alone', {
  skip,
  concurrency: true,
}, async (t) => {
  const cases = REFUSALS.map(({ name, why, environment }) =>
    t.test(`degraded behind ${name}: ${why}`, async (one) => {
      const store = await startTlsStore(one);
      const replica = await spawnService(one, environment(store, store.folder));
      await eventually(async () => (await storeUp(replica)) === 0);

      const [issued] = await enrich(replica, issueRecord({ key: 'ALONE', source: HOME }));
      const [used] = await enrich(replica, useRecord({ key: 'ALONE', source: ELSEWHERE }));

      assert.deepEqual(issued?.degraded, ['shared_store']);
      assert.deepEqual(used?.degraded, ['shared_store']);
      assert.equal(used?.session?.verdict, 'different_source', 'what it saw itself it knows');
      assert.equal(await store.server.command('DBSIZE'), '0', 'nothing was told to the server');
      assert.equal(replica.log().includes(encodeURIComponent(PASSWORD)), false);
      assert.equal(replica.log().includes(PASSWORD), false);
    }),
  );
  await Promise.all(cases);
});

type TlsStore = {
  readonly server: TestServer;
  readonly folder: string;
  /** The authority of the server's certificate. */
  readonly ca: string;
  /** A file with the URL of the server's TLS port. */
  urlFile(parts?: { readonly host?: string; readonly password?: string }): string;
};

/** A server with TLS on a port of its own beside the plain one, and the user `app`. */
async function startTlsStore(t: TestContext): Promise<TlsStore> {
  const folder = temporaryFolder(t);
  const authority = new TestAuthority(folder, 'authority');
  const { cert, key } = authority.issue('store');
  const port = await freePort();
  const server = await startServer(t, [
    ...['--tls-port', String(port), '--tls-auth-clients', 'no', '--tls-ca-cert-file', authority.cert],
    ...['--tls-cert-file', cert, '--tls-key-file', key],
  ]);
  await server.command('ACL', 'SETUSER', 'app', 'on', `>${PASSWORD}`, '~detrails:v1:*', ...RIGHTS.split(' '));
  return {
    server,
    folder,
    ca: authority.cert,
    urlFile: ({ host = '127.0.0.1', password = PASSWORD } = {}) => {
      const file = join(folder, 'store-url');
      replaceFile(file, `rediss://app:${encodeURIComponent(password)}@${host}:${port}\n`);
      return file;
    },
  };
}

async function enrich(service: Service, record: Record<string, unknown>): Promise<(Detrails | undefined)[]> {
  const answer = await fetch(`http://127.0.0.1:${service.port}/v1/enrich`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify([record]),
  });
  assert.equal(answer.status, 200);
  const records = (await answer.json()) as { readonly detrails?: Detrails }[];
  return records.map(({ detrails }) => detrails);
}

/** `detrails_shared_store_up`; undefined until it is known. */
async function storeUp(service: Service): Promise<number | undefined> {
  const text = await (await fetch(`http://127.0.0.1:${service.port}/metrics`)).text();
  const value = /^detrails_shared_store_up (\d)$/m.exec(text)?.[1];
  return value === undefined ? undefined : Number(value);
}
