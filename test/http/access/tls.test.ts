import assert from 'node:assert/strict';
import { request } from 'node:https';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import { hasOpenssl, type Issued, pem, TestAuthority } from '../../helpers/certificates.ts';
import { countHandled } from '../../helpers/count-handled.ts';
import { replaceFile, temporaryFolder, testKey } from '../../helpers/key-file.ts';
import { sampleRecord } from '../../helpers/sample-record.ts';
import { capturingLogger, listenTestApp, until } from '../../helpers/test-app.ts';

/** TLS and client certificates, with certificates made here and now. */

const options = { skip: !hasOpenssl() && 'openssl makes the certificates, and is not here' };

type Client = { readonly ca: string; readonly cert?: string; readonly key?: string };

async function listenWithTls(t: TestContext, environment: Record<string, string> = {}) {
  const folder = temporaryFolder(t);
  const authority = new TestAuthority(folder, 'authority');
  const paths = {
    cert: join(folder, 'tls.crt'),
    key: join(folder, 'tls.key'),
    ca: join(folder, 'clients.crt'),
  };
  const put = (issued: Issued) => {
    replaceFile(paths.cert, pem(issued.cert));
    replaceFile(paths.key, pem(issued.key));
  };
  put(authority.issue('server'));
  replaceFile(paths.ca, pem(authority.cert));
  const { logger, written } = capturingLogger();
  const { port } = await listenTestApp(
    t,
    { DETRAILS_TLS_CERT_FILE: paths.cert, DETRAILS_TLS_KEY_FILE: paths.key, ...environment },
    { logger },
  );
  const client = (issued?: Issued): Client => ({
    ca: pem(authority.cert),
    ...(issued && { cert: pem(issued.cert), key: pem(issued.key) }),
  });
  return { folder, authority, paths, put, port, client, written };
}

function ask(
  port: number,
  client: Client,
  path: string,
  headers: Record<string, string> = {},
): Promise<number> {
  return new Promise((resolve, reject) => {
    const method = path === '/v1/enrich' ? 'POST' : 'GET';
    const asked = request(
      {
        host: '127.0.0.1',
        port,
        path,
        method,
        agent: false,
        ...client,
        headers: { 'content-type': 'application/json', ...headers },
      },
      (answer) => {
        answer.resume().on('end', () => resolve(answer.statusCode ?? 0));
      },
    );
    asked.on('error', reject).end(method === 'POST' ? sampleRecord() : undefined);
  });
}

function handshake(port: number, more: ConnectionOptions): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, ...more }, () => resolve(socket));
    socket.on('error', reject);
  });
}

test('serves TLS 1.2 and newer, and nothing older', options, async (t) => {
  const { port, client } = await listenWithTls(t);

  for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
    const socket = await handshake(port, { ...client(), minVersion: version, maxVersion: version });
    assert.equal(socket.getProtocol(), version);
    socket.destroy();
  }
  // Security level 0, or OpenSSL's own client would refuse to ask for it.
  const old = {
    ...client(),
    minVersion: 'TLSv1',
    maxVersion: 'TLSv1.1',
    ciphers: 'ALL:@SECLEVEL=0',
  } as const;
  await assert.rejects(handshake(port, old), /alert protocol version|unsupported protocol/i);
  await assert.rejects(fetch(`http://127.0.0.1:${port}/livez`), 'plain HTTP is not served');
});

test('answers events over TLS before the framework, as it does without', options, async (t) => {
  const { port, client } = await listenWithTls(t);
  const handled = countHandled(t);

  assert.equal(await ask(port, client(), '/v1/enrich'), 200);
  assert.equal(handled(), 0);
  assert.equal(await ask(port, client(), '/readyz'), 200);
  assert.equal(handled(), 1);
});

test('lets in holders of a client certificate, and probes without one', options, async (t) => {
  const folder = temporaryFolder(t);
  const foreign = new TestAuthority(folder, 'foreign').issue('intruder');
  const clients = new TestAuthority(folder, 'clients');
  const { port, client } = await listenWithTls(t, {
    DETRAILS_AUTH: 'mtls',
    DETRAILS_TLS_CLIENT_CA_FILE: clients.cert,
    DETRAILS_HOST: '0.0.0.0',
  });

  assert.equal(await ask(port, client(clients.issue('logstash')), '/v1/enrich'), 200);
  assert.equal(await ask(port, client(), '/v1/enrich'), 401, 'without a certificate');
  assert.equal(await ask(port, client(foreign), '/v1/enrich'), 401, "with somebody else's");
  assert.equal(await ask(port, client(), '/v1/enrich', { authorization: 'Bearer x' }), 401);
  assert.equal(await ask(port, client(), '/readyz'), 200);
  assert.equal(await ask(port, client(), '/metrics'), 401);
});

test('wants both where keys and client certificates are configured', options, async (t) => {
  const folder = temporaryFolder(t);
  const clients = new TestAuthority(folder, 'clients');
  const { key, line } = testKey('logstash');
  const file = join(folder, 'keys');
  replaceFile(file, line);
  const { port, client } = await listenWithTls(t, {
    DETRAILS_AUTH: 'keys',
    DETRAILS_API_KEYS_FILE: file,
    DETRAILS_TLS_CLIENT_CA_FILE: clients.cert,
  });
  const held = client(clients.issue('logstash'));
  const bearer = { authorization: `Bearer ${key}` };

  assert.equal(await ask(port, held, '/v1/enrich', bearer), 200);
  assert.equal(await ask(port, held, '/v1/enrich'), 401);
  assert.equal(await ask(port, client(), '/v1/enrich', bearer), 401);
});

test('takes a new certificate for new connections without a restart', options, async (t) => {
  const { port, client, authority, put, written } = await listenWithTls(t);
  const nameNow = async () => {
    const socket = await handshake(port, client());
    const name = String(socket.getPeerCertificate().subject.CN);
    socket.destroy();
    return name;
  };
  assert.equal(await nameNow(), 'server');

  put(authority.issue('renewed'));
  await until(async () => (await nameNow()) === 'renewed');

  assert.match(written(), /certificates reloaded/);
});

test('keeps the certificate of before when a file is bad, and says so', options, async (t) => {
  const { port, client, paths, written } = await listenWithTls(t);

  replaceFile(paths.cert, 'no certificate');
  await until(async () => written().includes('the files of TLS are bad'));

  assert.equal(await ask(port, client(), '/livez'), 200);
});

test('lets nobody in whose authority was taken out, resumed sessions included', options, async (t) => {
  const folder = temporaryFolder(t);
  const before = new TestAuthority(folder, 'before');
  const after = new TestAuthority(folder, 'after');
  const trusted = join(folder, 'trusted.pem');
  replaceFile(trusted, pem(before.cert));
  const { port, client, written } = await listenWithTls(t, {
    DETRAILS_AUTH: 'mtls',
    DETRAILS_TLS_CLIENT_CA_FILE: trusted,
  });
  const old = client(before.issue('old'));
  const socket = await handshake(port, { ...old, maxVersion: 'TLSv1.2' });
  const session = socket.getSession();
  socket.destroy();
  const again = await handshake(port, { ...old, maxVersion: 'TLSv1.2', session });
  assert.equal(again.isSessionReused(), true);
  again.destroy();

  replaceFile(trusted, pem(after.cert));
  await until(async () => written().includes('certificates reloaded'));

  assert.equal(await ask(port, old, '/v1/enrich'), 401);
  assert.equal(await ask(port, client(after.issue('new')), '/v1/enrich'), 200);
  const resumed = await handshake(port, { ...old, maxVersion: 'TLSv1.2', session });
  assert.equal(resumed.isSessionReused(), false, 'a session of before is not resumed');
  resumed.destroy();
});

test(
  'does not start with certificate files that are missing or do not belong together',
  options,
  async (t) => {
    const folder = temporaryFolder(t);
    const authority = new TestAuthority(folder, 'authority');
    const [one, two] = [authority.issue('one'), authority.issue('two')];

    await assert.rejects(
      listenTestApp(t, { DETRAILS_TLS_CERT_FILE: join(folder, 'none'), DETRAILS_TLS_KEY_FILE: one.key }),
      /DETRAILS_TLS_CERT_FILE cannot be read \(ENOENT\)/,
    );
    await assert.rejects(
      listenTestApp(t, { DETRAILS_TLS_CERT_FILE: one.cert, DETRAILS_TLS_KEY_FILE: two.key }),
      /the files of TLS are not usable/,
    );
  },
);
