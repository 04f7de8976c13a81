import type { TLSSocket } from 'node:tls';
import type { FastifyInstance, FastifyRequest } from 'fastify';
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
    const caller = identify(request, access);
    if (caller instanceof ProblemError) {
      done(caller);
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

function identify(request: FastifyRequest, access: Access): Caller | ProblemError {
  const certificate = access.certificates ? certificateOf(request.raw.socket as TLSSocket) : undefined;
  if (access.certificates && certificate === undefined) {
    access.refused('no_certificate');
    return new ProblemError('unauthorized', 'a client certificate of the configured authority is needed');
  }
  if (access.keys === undefined) {
    return certificate ?? new ProblemError('unauthorized');
  }
  const presented = readCredentials(request.headers.authorization);
  const key = presented === undefined ? undefined : access.keys.identify(presented);
  if (key !== undefined) return key;
  access.refused(presented === undefined ? 'no_credentials' : 'unknown_key');
  return new ProblemError(
    'unauthorized',
    'send the key as Authorization: Bearer, or as the password of Authorization: Basic',
  );
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
