import type { IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';
import type { FastifyInstance } from 'fastify';
import { ProblemError, type Refusal } from '../../errors.ts';
import type { KeyRing } from './key-ring.ts';
import { readCredentials } from './read-credentials.ts';
import { ALL_SCOPES, type Caller, needOf } from './scopes.ts';

/** How callers prove who they are. At least one of keys and certificates. */
export type Access = {
  /** The keys that are let in; undefined when certificates alone count. */
  readonly keys: KeyRing | undefined;
  /** Whether every caller needs a client certificate. The TLS server asks for it, this refuses. */
  readonly certificates: boolean;
  /** Whether `/metrics` is answered to everybody, as on loopback. */
  readonly metricsOpen: boolean;
  readonly refused: (refusal: Refusal) => void;
};

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks; undefined where nobody has to say. */
    caller: Caller | undefined;
  }
}

/**
 * Lets in who may come in, before any byte of a body is read. The TLS handshake itself refuses nobody, for
 * probes have no certificate; what is not authorized gets no further than the probes.
 */
export function requireAccess(app: FastifyInstance, access: Access): void {
  app.decorateRequest('caller', undefined);

  app.addHook('onRequest', (request, _reply, done) => {
    const need = needOf(request.routeOptions.url);
    if (need === 'nothing' || (need === 'metrics' && access.metricsOpen)) {
      done();
      return;
    }
    const caller = identify(request.raw, access);
    if (typeof caller === 'string') {
      access.refused(caller);
      done(new ProblemError('unauthorized', HINTS[caller]));
      return;
    }
    if (need !== 'known' && !caller.scopes.has(need)) {
      access.refused('missing_scope');
      app.log.warn({ reqId: request.id, key: caller.name, scope: need }, 'a key lacks the scope');
      done(new ProblemError('forbidden', `the scope ${need} is needed`));
      return;
    }
    request.caller = caller;
    done();
  });
}

/** Whether whoever sent `request` may do what the route `pattern` does. */
export function isLetIn(request: IncomingMessage, pattern: string, access: Access): boolean {
  const need = needOf(pattern);
  if (need === 'nothing') return true;
  const caller = identify(request, access);
  return typeof caller !== 'string' && (need === 'known' || caller.scopes.has(need));
}

type Unidentified = Exclude<Refusal, 'missing_scope'>;

const KEY_HINT = 'send the key as Authorization: Bearer, or as the password of Authorization: Basic';
const HINTS: { readonly [Reason in Unidentified]: string } = {
  no_certificate: 'a client certificate of the configured authority is needed',
  no_credentials: KEY_HINT,
  unknown_key: KEY_HINT,
};

function identify(request: IncomingMessage, access: Access): Caller | Unidentified {
  const certificate = access.certificates ? certificateOf(request.socket as TLSSocket) : undefined;
  if (access.certificates && certificate === undefined) return 'no_certificate';
  if (access.keys === undefined) return certificate ?? 'no_certificate';
  const presented = readCredentials(request.headers.authorization);
  if (presented === undefined) return 'no_credentials';
  return access.keys.identify(presented) ?? 'unknown_key';
}

/** What a connection proved, which it does once. */
const certificates = new WeakMap<TLSSocket, Caller>();

function certificateOf(socket: TLSSocket): Caller | undefined {
  if (socket.authorized !== true) return undefined;
  let caller = certificates.get(socket);
  if (caller === undefined) {
    const { fingerprint256 } = socket.getPeerCertificate();
    caller = { name: `certificate ${fingerprint256}`, scopes: ALL_SCOPES };
    certificates.set(socket, caller);
  }
  return caller;
}
