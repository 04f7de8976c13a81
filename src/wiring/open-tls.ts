import { randomBytes } from 'node:crypto';
import type { Server } from 'node:https';
import { createSecureContext, type SecureContextOptions } from 'node:tls';
import type { FastifyInstance } from 'fastify';
import { type Config, ConfigError } from '../config.ts';
import { watchForChanges } from '../context/change-watcher.ts';
import { WatchedFile } from '../context/watched-file.ts';
import type { Metrics } from '../metrics.ts';
import { oneAtATime } from './open-access.ts';

/** The files of TLS, read, and what to do when they change. */
export type OpenTls = {
  /** For the HTTPS server. */
  readonly options: SecureContextOptions & { requestCert: boolean; rejectUnauthorized: boolean };
  /** Follows the files: a server gets new ones for new connections; bad ones change nothing. */
  readonly follow: (app: FastifyInstance, metrics: Metrics) => () => void;
};

type Name = 'cert' | 'key' | 'ca';
type TlsFile = { readonly name: Name; readonly option: string; readonly file: WatchedFile<Buffer> };

const MAX_BYTES = 1024 * 1024;
const POLL_MS = 5000;
const TICKET_KEY_BYTES = 48;

/**
 * Reads certificate, key and, for client certificates, the authorities. Undefined without TLS.
 * @throws {ConfigError} when a file cannot be read, or they do not belong together
 */
export async function openTls(config: Config): Promise<OpenTls | undefined> {
  const files = tlsFiles(config);
  if (files.length === 0) return undefined;
  const faults: string[] = [];
  for (const { option, file } of files) {
    const look = await file.look();
    if (look.status === 'bad') faults.push(...look.faults.map(({ message }) => `${option} ${message}`));
  }
  if (faults.length > 0) throw new ConfigError(faults);
  const context = contextOf(files);
  const fault = faultOf(context);
  if (fault !== undefined) throw new ConfigError([`the files of TLS are not usable: ${fault}`]);
  return {
    options: {
      ...context,
      // The handshake lets in who has no certificate, since probes have none; access refuses them later.
      requestCert: config.DETRAILS_TLS_CLIENT_CA_FILE !== undefined,
      rejectUnauthorized: false,
    },
    follow: (app, metrics) => follow(app, metrics, files),
  };
}

function tlsFiles(config: Config): readonly TlsFile[] {
  const options = [
    ['cert', 'DETRAILS_TLS_CERT_FILE'],
    ['key', 'DETRAILS_TLS_KEY_FILE'],
    ['ca', 'DETRAILS_TLS_CLIENT_CA_FILE'],
  ] as const;
  return options.flatMap(([name, option]) => {
    const path = config[option];
    if (path === undefined) return [];
    return [
      { name, option, file: new WatchedFile<Buffer>(path, MAX_BYTES, (value) => ({ ok: true, value })) },
    ];
  });
}

function contextOf(files: readonly TlsFile[]): SecureContextOptions {
  const context: SecureContextOptions = { minVersion: 'TLSv1.2' };
  for (const { name, file } of files) if (file.value !== undefined) context[name] = file.value;
  return context;
}

/** Why no server could be run with it. OpenSSL's reasons name no content. */
function faultOf(context: SecureContextOptions): string | undefined {
  try {
    createSecureContext(context);
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'unreadable';
  }
}

function follow(app: FastifyInstance, metrics: Metrics, files: readonly TlsFile[]): () => void {
  const server = app.server as unknown as Server;

  function failed(what: object): void {
    metrics.accessReloads.inc({ kind: 'tls', result: 'failed' });
    app.log.error(what, 'the files of TLS are bad; those of before stay');
  }

  async function look(): Promise<void> {
    let hasChanged = false;
    for (const { option, file } of files) {
      const seen = await file.look();
      if (seen.status === 'bad') return failed({ option, faults: seen.faults });
      if (seen.status === 'read') hasChanged = true;
    }
    if (!hasChanged) return;
    const context = contextOf(files);
    const fault = faultOf(context);
    if (fault !== undefined) return failed({ fault });
    server.setSecureContext(context);
    // A session from before would be resumed without another look at the client's certificate.
    server.setTicketKeys(randomBytes(TICKET_KEY_BYTES));
    server.closeIdleConnections();
    metrics.accessReloads.inc({ kind: 'tls', result: 'ok' });
    app.log.info('certificates reloaded');
  }
  const paths = files.map(({ file }) => file.path);
  return watchForChanges(paths, POLL_MS, oneAtATime(look));
}
