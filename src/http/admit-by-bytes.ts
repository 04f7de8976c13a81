import type { onRequestHookHandler } from 'fastify';
import type { Admission } from './admission.ts';

/** Bodies up to this share of the bound (16 KiB of 512 MiB) never wait behind large ones. */
const SMALL_SHARE = 1 / 32_768;

/** Bytes up to which a body is let in at once. */
export function smallBytesOf(admission: Admission): number {
  return Math.floor(admission.maxBytes * SMALL_SHARE);
}

/** A hook that lets a body in when there is room for its bytes; while it waits its socket is not read. */
export function admitByBytes(admission: Admission, maxBodyBytes: number): onRequestHookHandler {
  const smallBytes = smallBytesOf(admission);
  return (request, reply, done) => {
    const declared = Number(request.headers['content-length']);
    if (declared <= smallBytes) {
      done();
      return;
    }
    const bytes = Math.min(Number.isFinite(declared) ? declared : maxBodyBytes, maxBodyBytes);
    if (admission.tryEnter(bytes)) {
      reply.raw.once('close', () => admission.leave(bytes));
      done();
      return;
    }
    const giveUp = admission.enter(bytes, (problem) => {
      reply.raw.off('close', giveUp);
      if (problem === undefined) reply.raw.once('close', () => admission.leave(bytes));
      done(problem);
    });
    reply.raw.once('close', giveUp);
  };
}
